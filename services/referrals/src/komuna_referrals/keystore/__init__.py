"""The wrapped keys of the cases, on a server of their own."""
