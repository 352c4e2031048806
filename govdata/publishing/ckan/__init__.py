"""The CKAN target: the client of its API, what is on the site, and the steps that change it."""
