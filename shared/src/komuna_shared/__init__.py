"""What at least two members of Komuna need."""
