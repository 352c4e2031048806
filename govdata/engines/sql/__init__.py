"""Tables of databases asked where they are: the database says which rows are surely right, the reference explains the others."""
