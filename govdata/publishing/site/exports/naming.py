"""What things are called in exports: IRIs, addresses, and files of downloads."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from govdata.graph.iris import dataset_iri
from govdata.publishing.site.addresses import dataset_folder, quoted
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Party
from govdata.reading.paths import DEVICE

ORGANISATIONS = "urn:govdata:organisation:"
CATALOGS = "urn:govdata:catalog:"
FROM_DATASET = "../../../"
"""The way from a dataset's folder to the site's root."""

_BARRED = re.compile(r'[<>:"/\\|?*#%\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+')
"""What a file's name cannot hold on some system or in an address, and characters that nobody sees."""
_LONGEST = 120
"""Bytes of a name without its ending; file systems take 255 in all, some 143."""


def address(portal: Portal, path: str) -> str:
    """Where a file of the site is: absolute where the site's own address is known, else relative to the site's root."""
    return f"{portal.url}/{quoted(path)}" if portal.url else quoted(path)


def base_of(portal: Portal) -> str:
    """What addresses in a dataset's files are relative to, seen from there; empty where none is relative."""
    return "" if portal.url else FROM_DATASET


def iri_of_dataset(portal: Portal, code: str) -> str:
    """The IRI of a dataset of this site, or of one that it refers to."""
    return f"{address(portal, dataset_folder(code))}/index.html#dataset" if portal.url else dataset_iri(code)


def iri_of_publisher(portal: Portal, party: Party) -> str:
    """The IRI of a department."""
    if portal.url:
        return f"{address(portal, f'publishers/{party.id}')}/index.html#organisation"
    return ORGANISATIONS + quote(party.code or party.name or party.id, safe="")


def iri_of_catalog(portal: Portal) -> str:
    """The IRI of the site's catalog."""
    return f"{portal.url}/index.html#catalog" if portal.url else CATALOGS + quote(portal.name, safe="")


class FileNames:
    """Names for the downloads of one dataset: fit for every file system and no two alike, whatever the case or form of their letters."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, folder: str, stem: str, ending: str) -> str:
        """A name below the dataset's folder: `data/停车场.csv`; with a number where it is taken."""
        plain = _plain(stem)
        for number in range(1, len(self._taken) + 2):
            name = f"{folder}{plain}{f'-{number}' if number > 1 else ''}{ending}"
            key = unicodedata.normalize("NFKC", name).casefold()
            if key not in self._taken:
                self._taken.add(key)
                return name
        raise AssertionError("there are more numbers than names")


def _plain(stem: str) -> str:
    plain = _BARRED.sub("-", unicodedata.normalize("NFC", stem)).strip(" .-") or "data"
    plain = plain.encode()[:_LONGEST].decode("utf-8", "ignore").strip(" .-")
    return f"_{plain}" if DEVICE.match(plain) else plain


def ending_of(name: str) -> str:
    """The ending of a file's name, in small letters, with its dot; empty where it is none that is short and plain."""
    found = re.search(r"\.[A-Za-z0-9]{1,8}\Z", name)
    return found[0].lower() if found else ""
