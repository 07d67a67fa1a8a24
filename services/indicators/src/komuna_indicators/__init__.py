"""What must be reported, was reported, was verified and is published."""
