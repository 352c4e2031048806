"""The resources of a dataset, as an entry or a data package declares them, with their Table Schemas."""
