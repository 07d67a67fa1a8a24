"""The schema of referrals, change by change."""
