"""What machines read of the site: graphs, data packages, feeds, the site map, lists as tables, the API of files, and the data itself."""
