"""From a directory to a target: what is to be there, what is there, and the steps between."""
