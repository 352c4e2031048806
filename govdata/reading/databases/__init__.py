"""Tables and views of databases, and Parquet files, read where they are."""
