"""Programs that prove what a test cannot: faults under load, each with a mutant that must fail."""
