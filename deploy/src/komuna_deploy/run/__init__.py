"""`komuna up`: everything Komuna is made of, started in order and stopped together."""
