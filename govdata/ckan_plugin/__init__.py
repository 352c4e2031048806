"""govdata inside CKAN: form, validators, facets, pages, search, DCAT, and the actions that the publisher uses."""
