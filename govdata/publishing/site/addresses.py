"""Where things are on the site: names that any file system keeps apart, and ways from page to page that work from a disk too.

Every address is relative, ends in a file's name and uses `/`; folders hold a few hundred entries at most.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import quote

from govdata.reading.paths import DEVICE

_KEPT = re.compile(r"[^a-z0-9]+")
_PLAIN = re.compile(r"[a-z0-9]+(?:/[a-z0-9]+)*")
_UNQUOTED = re.compile(r"[A-Za-z0-9_.~/-]*")
"""Paths that stand in addresses as they are (RFC 3986, 2.3)."""
_LONGEST = 60


@lru_cache(maxsize=4096)
def slug(code: str) -> str:
    """A code as a name for a folder: ASCII, lower case, the same for the same code, different for different ones.

    `307001/000012` → `307001-000012`; what cannot be said so without loss gets a digest behind it.
    """
    if len(code) <= _LONGEST and _PLAIN.fullmatch(code) and not DEVICE.match(code):
        return code.replace("/", "-")
    plain = _KEPT.sub("-", code.lower()).strip("-")[:_LONGEST].strip("-")
    return f"{plain}-{_digest(code, 4)}".lstrip("-")


def _digest(code: str, size: int) -> str:
    return blake2b(code.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()


@lru_cache(maxsize=1 << 17)
def dataset_folder(code: str) -> str:
    """Where a dataset's files are: `datasets/3f/307001-000012`. A build goes through all datasets a dozen times, always in turn: what
    held fewer than all of them would hold none when it is asked."""
    return f"datasets/{_digest(code, 1)}/{slug(code)}"


def language_root(language: str, first: str) -> str:
    """What stands before the pages of a language: nothing for the site's first, else `en/`."""
    return "" if language == first else f"{language.split('-')[0]}/"


def relative(page: str, to: str) -> str:
    """The way from a page to a file of the site, percent-encoded: `index.html`, `en/about.html` → `en/about.html`."""
    if not page.startswith(f"{to.partition('/')[0]}/"):
        return "../" * page.count("/") + quoted(to)
    folder = page[: page.rfind("/") + 1]
    if to.startswith(folder):
        return quoted(to[len(folder) :])
    here, there = page.split("/")[:-1], to.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "../" * (len(here) - shared) + quoted("/".join(there[shared:]))


@lru_cache(maxsize=8192)
def quoted(path: str) -> str:
    """A path as part of an address. Each page names the same few places, and each file of a dataset its folder."""
    return path if _UNQUOTED.fullmatch(path) else quote(path, safe="/")
