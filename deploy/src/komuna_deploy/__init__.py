"""The operator's command of Komuna."""
