"""The entry as JSON-LD and RDF. The only place of pyld and pyoxigraph."""
