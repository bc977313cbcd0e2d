"""Ways to evaluate a compiled circuit."""
