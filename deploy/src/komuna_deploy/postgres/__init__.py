"""The PostgreSQL that comes with Komuna: found, started, divided into rooms."""
