"""What computes over rows. `reference` (frictionless) decides every cell; faster engines stand beside it."""
