"""Directory entries: from what was written to the canonical form."""
