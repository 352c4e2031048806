"""What a file really is, whatever its name says; and whether it can be read at all."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from govdata.expressions import expression
from govdata.values import Finding, Resource

HEAD = 1 << 12
TEXT_FORMATS = frozenset(("csv", "tsv", "tab", "txt", "text", "psv", "scsv", ""))
"""Formats that are read as text tables."""
_STARTS = (
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"SQLite format 3\0", "database"),
    (b"PAR1", "parquet"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"version https://git-lfs.github.com/spec/", "pointer"),
)
_MARKUP = expression(rb"\s*(?:\xef\xbb\xbf)?\s*<(!doctype html|html|table|\?xml|\?mso)", re.IGNORECASE)
_INSIDE = (("xl/", "workbook"), ("word/", "document"), ("ppt/", "slides"), ("content.xml", "opendocument"))
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def check_readable(path: Path) -> Finding | None:
    """The finding that says why a file cannot be read: missing, a folder, no permission, or empty. It has no file name yet."""
    name = path.name
    try:
        status = path.stat()
    except FileNotFoundError:
        return Finding("file/missing", args={"name": name})
    except (OSError, ValueError) as error:
        return Finding("file/unreadable", args={"name": name, "what": _words(error)})
    if not stat.S_ISREG(status.st_mode):
        return Finding("file/not-a-file", args={"name": name})
    if not status.st_size:
        return Finding("file/empty", args={"name": name})
    try:
        with path.open("rb"):
            return None
    except OSError as error:
        return Finding("file/unreadable", args={"name": name, "what": _words(error)})


def unreadable(error: OSError) -> Finding:
    """The finding of a file that broke off while it was read."""
    return Finding("file/unreadable", args={"name": "", "what": _words(error)})


def _words(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def check_text(resource: Resource) -> Finding | None:
    """The finding that a resource is not a text table: by its declared format, or by what its bytes are. `OSError` if unreadable."""
    with resource.path.open("rb") as stream:
        head = stream.read(HEAD)
    kind = kind_of(head, resource.path)
    suffix = resource.format.lower()
    if suffix not in TEXT_FORMATS:
        return Finding("file/format-unsupported", args={"format": suffix, "kind": kind and f"file-{kind}"})
    return Finding("file/not-text", args={"kind": f"file-{kind}", "format": suffix or "csv"}) if kind else None


def kind_of(head: bytes, path: Path | None = None) -> str:
    """`image`, `pdf`, `workbook`, `document`, `archive`, `markup`, `binary` …; empty for text."""
    for start, kind in _STARTS:
        if head.startswith(start) and not (len(start) == 2 and start.isalpha() and _is_plain(head)):
            return _inside(path) if kind == "zip" else _by_streams(head, path) if kind == "ole" else kind
    if b"<" in head and _MARKUP.match(head):
        return "markup"
    return "binary" if _is_binary(head) else ""


def _is_plain(head: bytes) -> bool:
    """`BM` and `MZ` may begin a column name."""
    return not any(byte < 9 for byte in head[:64])


_CONTROL = bytes(byte for byte in range(32) if byte < 9 or 13 < byte < 26 or byte > 27)
"""Control characters that stand in no text."""


def _is_binary(head: bytes) -> bool:
    if head.startswith(_MARKS):
        return False
    zeros = (head[0::2].count(0), head[1::2].count(0))
    if (zeros[0] == 0) != (zeros[1] == 0) and sum(zeros) > len(head) // 100:
        return False  # UTF-16 without a mark
    control = len(head) - len(head.translate(None, _CONTROL))
    return control > len(head) // 20 and control > 1


def _inside(path: Path | None) -> str:
    import zipfile

    if path is None:
        return "archive"
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:1000]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return "archive"
    return next((kind for start, kind in _INSIDE if any(name.startswith(start) for name in names)), "archive")


def _by_streams(head: bytes, path: Path | None) -> str:
    """An OLE file of Excel or WPS names its stream `Workbook` or `Book` in UTF-16."""
    if path is None:
        return "ole"
    with path.open("rb") as stream:
        data = stream.read(1 << 20)
    found = any(name.encode("utf-16-le") in data for name in ("Workbook\0", "Book\0"))
    return "old-workbook" if found else "ole"
