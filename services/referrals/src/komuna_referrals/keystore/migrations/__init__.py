"""The schema of the keystore, change by change."""
