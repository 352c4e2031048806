"""Table Schemas that stand in a file of their own or inline: read as plain JSON values, never fetched, references not followed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from govdata.expressions import expression
from govdata.reading.documents.opening import read_document, require_object
from govdata.reading.documents.yaml import escape
from govdata.reading.paths import Reference, is_remote, locate
from govdata.values import Finding

_NUMBER = expression(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def read_schema(
    folder: Path, declared: object, reference: Reference, plain: Set[str] = frozenset()
) -> tuple[Any, str, tuple[Finding, ...]]:
    """The schema that a resource declares: a file name below `folder`, or the schema itself.

    Gives the descriptor (`None` where it cannot be had), the file it came from (empty: inline) and the findings.
    `plain`: pointers of unquoted scalars of a YAML entry, whose numbers and truth values are taken as such.
    """
    if isinstance(declared, Mapping):
        schema = typed(declared, reference.pointer, plain)
        return (None, "", (_circular(reference, schema),)) if "$ref" in schema else (schema, "", ())
    if not isinstance(declared, str) or not declared:
        return None, "", (_unfit(reference, "schema-kind"),)
    if is_remote(declared):
        return None, "", (_unfit(reference, "schema-remote"),)
    found = locate(folder, reference)
    if found.path is None:
        return None, found.file, found.findings
    schema, findings = read_schema_file(found.path, found.file)
    return schema, found.file, (*found.findings, *findings)


def read_schema_file(path: Path, file: str) -> tuple[Any, tuple[Finding, ...]]:
    """The Table Schema in a JSON or YAML file; `None` with findings where it cannot be read."""
    document = require_object(read_document(path, file, group="package"), file, "package/shape")
    if not document.readable:
        return None, document.findings
    schema = typed(document.value, "", document.positions.plain)
    if "$ref" in schema:
        return None, (*document.findings, _circular(Reference(file, file), schema))
    return schema, document.findings


def typed(value: Any, pointer: str, plain: Set[str]) -> Any:
    """The value with unquoted numbers and truth values of YAML as what they are: a schema has no codes to lose."""
    if isinstance(value, Mapping):
        return {key: typed(item, f"{pointer}/{escape(str(key))}", plain) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item, f"{pointer}/{index}", plain) for index, item in enumerate(value)]
    if not isinstance(value, str) or pointer not in plain:
        return value
    if value in _TRUTH:
        return _TRUTH[value]
    return json.loads(value) if _NUMBER.fullmatch(value) and len(value) < 300 else value


def _circular(reference: Reference, schema: Mapping[str, Any]) -> Finding:
    return _unfit(reference, "schema-ref", str(schema["$ref"]))


def _unfit(reference: Reference, why: str, name: str = "") -> Finding:
    args = {"name": name or reference.name, "why": why}
    return Finding("package/reference", file=reference.file, pointer=reference.pointer, line=reference.line, args=args)
