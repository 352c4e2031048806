"""The EU authority tables that DCAT-AP asks for: the term that surely means the same as a code or word of ours (`schemas/dcat-ap.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govdata import content
from govdata.classes import dataclass
from govdata.codes import CodeList
from govdata.expressions import expression
from govdata.standards import read_library

_MEDIA_TYPE = expression("[a-z]+/[a-z0-9][a-z0-9.+-]*")


@dataclass(frozen=True, slots=True)
class Authorities:
    """Each method gives an IRI, empty where the meaning is not surely the same."""

    tables: Mapping[str, Any]
    frequencies: Mapping[str, str]
    """Code of an update cycle → term."""

    def theme(self, code: str) -> str:
        """Of a theme."""
        return self._of("data-theme", code)

    def access(self, code: str) -> str:
        """Of an opening type."""
        return self._of("access-right", code)

    def language(self, text: str) -> str:
        """Of a language as an entry writes it."""
        return self._of("language", text.strip().lower())

    def file_type(self, name: str) -> str:
        """Of a format."""
        return self._of("file-type", name)

    def media_type(self, given: str, form: str) -> str:
        """Of a media type that is stated, or else of a format."""
        stated = given.partition(";")[0].strip().lower()
        found = stated if _MEDIA_TYPE.fullmatch(stated) else self.tables["media-type"].get(form, "")
        return f"{self.tables['authorities']['media-type']}{found}" if found else ""

    def frequency(self, code: str) -> str:
        """Of an update cycle."""
        term = self.frequencies.get(code)
        return f"{self.tables['authorities']['frequency']}{term}" if term else ""

    def _of(self, table: str, key: str) -> str:
        term = self.tables[table].get(key)
        return f"{self.tables['authorities'][table]}{term}" if term else ""


def authorities_of(lists: Mapping[str, CodeList]) -> Authorities:
    """The tables, with the update cycles of the code lists in force, else of the shipped one."""
    cycles = lists.get("update-cycle") or read_library().lists["update-cycle"]
    return Authorities(content.load("schemas/dcat-ap.yaml"), _frequencies(cycles))


def _frequencies(cycles: CodeList) -> dict[str, str]:
    """A code that a layer added has the frequency of the code that it is mapped to."""
    own = {code: str(item.more["frequency"]) for code, item in cycles.codes.items() if item.more.get("frequency")}
    return {code: own[found] for code, item in cycles.codes.items() if (found := code if code in own else item.broader) in own}
