"""A draft of an entry from data files: what the data proves is filled in, what only a person can know is marked."""
