"""Municipalities, institutions, mechanisms, offices and who holds them."""
