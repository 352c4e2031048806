"""How a file is encoded, proven byte by byte."""
