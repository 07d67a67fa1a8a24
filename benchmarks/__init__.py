"""Programs that measure Komuna against its peers."""
