"""Reminders of reports: decided here, written as notices by registry."""
