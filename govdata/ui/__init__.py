"""The local page: files are dropped, checked and described in a browser on this machine; nothing leaves it."""
