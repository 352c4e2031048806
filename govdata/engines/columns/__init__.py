"""Rows as columns, block by block, by Polars and numpy: for large text tables. Imported only where it is used."""
