"""The search of the site: an index of pairs of characters in small files, which a browser reads without a server's help.

`documents.document_of` says what of a record can be found, `building.build` makes the index, `updating.update` changes one. The files and
what they hold are described in `shards`; `catalog/site/scripts/search-engine.js` reads them. Both sides cut and fold texts alike: whoever
changes `folding`, `grams` or `shards` changes that script too (`tests/site/search` compares them).
"""
