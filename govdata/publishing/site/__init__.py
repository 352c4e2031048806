"""The embedded catalog: a folder of files that needs no server."""
