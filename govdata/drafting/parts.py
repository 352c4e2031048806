"""What was read, as a canonical entry, with the comments that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from govdata.checks.context import CheckContext
from govdata.checks.schema import find_list
from govdata.drafting.fields import Field, remarks_of
from govdata.drafting.files import Part
from govdata.drafting.tables import Table
from govdata.messages import text as word
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.resources.declarations import default_dialect

Read = tuple[Part, Table | None, list[Field]]
"""A resource, its table, and the fields that are proposed of it."""


def describe(parts: Sequence[Read], title: str, context: CheckContext) -> tuple[dict[str, Any], dict[str, str]]:
    """The canonical entry of what was read, and canonical pointer → comment."""
    language = context.settings.language
    found: dict[str, Any] = {"title": title}
    comments = {"/title": word("draft.title", language)}
    if any(field.declared.get("personal") for _, _, fields in parts for field in fields):
        found["personal"] = True
        comments["/personal"] = word("draft.entry-personal", language)
    found["resources"] = [
        _Resource(part, table, fields, context, number).declare(comments) for number, (part, table, fields) in enumerate(parts)
    ]
    return found, comments


class _Resource:
    """One resource while it is described."""

    def __init__(self, part: Part, table: Table | None, fields: Sequence[Field], context: CheckContext, number: int) -> None:
        self.table, self.fields, self.context = table, fields, context
        self.resource = table.resource if table is not None else part.resource
        self.pointer, self.language = f"/resources/{number}", context.settings.language

    def declare(self, comments: dict[str, str]) -> dict[str, Any]:
        """The resource in canonical form; its comments go to `comments`."""
        resource, table = self.resource, self.table
        found: dict[str, Any] = {"file": resource.file}
        if table is None:
            comments[f"{self.pointer}/file"] = self._say("no-table", format=resource.format)
            return found
        comments[f"{self.pointer}/file"] = self._say("read", rows=f"{table.rows:,}", columns=len(table.profiles))
        if resource.sheet is not None:
            found["table" if resource.format in DATABASES else "sheet"] = str(resource.sheet)
        encoding = table.info.encoding
        if encoding and encoding.lower().replace("_", "-") not in ("utf-8", "ascii"):
            found["encoding"] = encoding.upper()
            comments[f"{self.pointer}/encoding"] = self._say("encoding")
        dialect = self._dialect()
        if dialect:
            found["dialect"] = dialect
            comments[f"{self.pointer}/dialect"] = self._say("dialect")
        if self.fields:
            found["fields"] = [self._named(field) for field in self.fields]
            comments[f"{self.pointer}/fields"] = self._say("fields")
        for number, field in enumerate(self.fields):
            said = [word(f"draft.{key}", self.language, {**args, "name": args.get("name", field.name)}) for key, args in self._told(field)]
            comments[f"{self.pointer}/fields/{number}"] = self._say("separator").join(said)
        return found

    def _told(self, field: Field) -> list[tuple[str, dict[str, object]]]:
        return [(key, {"column": field.profile.column, **args}) for key, args in remarks_of(field)]

    def _dialect(self) -> dict[str, Any]:
        """What is not as usual in the way the file is written."""
        usual, dialect = default_dialect(self.resource.format), self.resource.dialect
        found: dict[str, Any] = {"delimiter": dialect.delimiter} if dialect.delimiter != usual.delimiter else {}
        if dialect.header_rows != usual.header_rows:
            found["headerRows"] = list(dialect.header_rows)
        return found

    def _named(self, field: Field) -> dict[str, Any]:
        """A field with its semantic type and code list by the names that they have in the language."""
        declared = dict(field.declared)
        if "semantic" in declared and not self.language.startswith("en"):
            declared["semantic"] = self.context.semantic_types[str(declared["semantic"])].labels["zh"][0]
        if "codes" in declared and not self.language.startswith("en"):
            title = str(self.context.standard.codes[str(declared["codes"])].title.get("zh", ""))
            found = find_list(title, self.context)
            if found is not None and found.id == declared["codes"]:
                declared["codes"] = title
        return declared

    def _say(self, key: str, **args: object) -> str:
        return word(f"draft.{key}", self.language, args)
