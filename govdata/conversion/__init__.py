"""Entries, directories and data packages turned into RDF and back, and catalogs made elsewhere into entries."""
