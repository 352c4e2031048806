"""CKAN's own Solr schema with fields of text that find Chinese: everything else stays as the installed CKAN wrote it."""

from __future__ import annotations

import re

from govdata import content
from govdata.errors import ContentError

TYPES = "catalog/ckan/solr/types.xml"
_TYPE = re.compile(r'<fieldType name="(text|text_general)" class="solr\.TextField".*?</fieldType>', re.DOTALL)


def chinese_schema(schema: str, types: str | None = None) -> str:
    """The schema (XML of `schema.xml`) with the types `text` and `text_general` replaced by ours.

    `types`: XML that holds both instead of `catalog/ckan/solr/types.xml`. `ContentError` where the schema is not CKAN's.
    """
    ours = {match[1]: match[0] for match in _TYPE.finditer(types if types is not None else content.read_text(TYPES))}
    found = {match[1] for match in _TYPE.finditer(schema)}
    if found != set(ours) or 'name="ckan-' not in schema:
        raise ContentError("content-syntax", file="schema.xml", what=f"no CKAN schema: types {sorted(found)}")
    return _TYPE.sub(lambda match: ours[match[1]], schema)
