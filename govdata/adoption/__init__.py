"""Living with findings that are there already: which are accepted, by whom or because they were there before, and which are new."""
