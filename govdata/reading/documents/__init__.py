"""Small documents, YAML and JSON, and files of many: every value with its place, every mistake in plain words."""
