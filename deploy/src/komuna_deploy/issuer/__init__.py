"""Development tokens: an OAuth issuer for this machine only."""
