"""A real CKAN for tests: PostgreSQL, Redis, Solr and two sites, from packages alone (docs/ckan-stack.md). Standard library only."""
