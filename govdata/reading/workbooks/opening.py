"""Workbooks: tell by content what a file is, choose the sheet, and give its rows with their real numbers."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path

from govdata.classes import replace
from govdata.reading.changes import Stamp, check_unchanged, stamp_of
from govdata.reading.encodings.octets import fingerprint
from govdata.reading.signature import check_readable, unreadable
from govdata.reading.sources import Item, SourceInfo, TableSource
from govdata.reading.workbooks.archive import Archive, Limits, limits_of, open_archive, read_chunks
from govdata.reading.workbooks.ods import Document, Listing, open_ods
from govdata.reading.workbooks.sheets import Book, Refusal, Sheet, address
from govdata.reading.workbooks.survey import Where, survey
from govdata.reading.workbooks.xls import open_xls
from govdata.reading.workbooks.xlsx import open_xlsx
from govdata.values import Finding, Resource

FAMILY = {"xlsm": "xlsx", "xltx": "xlsx", "xltm": "xlsx", "xlt": "xls", "ots": "ods", "ett": "et"}
READABLE = ("xlsx", "xls", "ods")
LOCKS = ("~$", ".~")
"""How the names begin of the files that Excel and WPS lay beside a workbook while it is open."""
STARTS = (
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"), (b"%PDF", "pdf"), (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"), (b"GIF8", "image"), (b"Rar!", "archive"), (b"7z\xbc\xaf", "archive"), (b"\x1f\x8b", "archive"),
    (b"\x09\x08", "xls"), (b"\x09\x04\x06\x00", "xls"), (b"\x09\x02\x06\x00", "xls"), (b"\x09\x00\x04\x00", "xls"),
)  # fmt: skip


def open_workbook(resource: Resource, settings: object = None) -> TableSource:
    """Open one sheet of a workbook: XLSX, ODS or XLS, by content and not by name.

    `resource.sheet` is a sheet's name or its number from 1, and by default the first sheet that is not hidden.
    Rows have the sheet's own numbers and start at column A, empty leading rows and columns included; cells are typed
    (whole numbers as `int`, dates by their format, empty text as `None`). What cannot be read ends the stream with a
    finding of `workbook/*`; a file that cannot be opened gives one of `file/*`.
    """
    limits = limits_of(settings)
    stamp = (0, 0)
    try:
        trouble = check_readable(resource.path)
        stamp = stamp if trouble else stamp_of(resource.path)
        size, digest = (0, "") if trouble else fingerprint(resource.path)
        name, listing = ("", None) if trouble else _sheet_name(resource, limits)
    except OSError as error:
        trouble, size, digest, name, listing = unreadable(error), 0, "", "", None
    if trouble is not None:
        found = replace(trouble, file=resource.file, resource=resource.id)
        return TableSource(SourceInfo(typed=True), lambda: iter((found,)))
    return TableSource(SourceInfo(size, digest, "", name, True, stamp), lambda: _stream(resource, limits, stamp, listing))


def list_sheets(resource: Resource, settings: object = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the sheets that hold anything: those that are shown, and those that are hidden; none where the file cannot be read,
    which opening it says."""
    try:
        if check_readable(resource.path) is not None:
            return (), ()
        limits = limits_of(settings)
        with closing(_open_book(resource, recognise(resource.path, limits), limits, None)) as book:
            filled = [sheet for sheet in book.sheets() if book.filled(sheet)]
    except (Refusal, OSError):
        return (), ()
    return tuple(sheet.name for sheet in filled if not sheet.hidden), tuple(sheet.name for sheet in filled if sheet.hidden)


def _sheet_name(resource: Resource, limits: Limits) -> tuple[str, Listing | None]:
    """Give the chosen sheet's name, and what an ODS document costs a pass to know."""
    try:
        with closing(_open_book(resource, recognise(resource.path, limits), limits, None)) as book:
            return _choose(book.sheets(), resource.sheet).name, book.listing if isinstance(book, Document) else None
    except Refusal:
        return "", None


def _stream(resource: Resource, limits: Limits, stamp: Stamp, listing: Listing | None = None) -> Iterator[Item]:
    where, stopped = Where(resource.file, resource.id), None
    yield from _check_lock(resource, where)
    try:
        found = recognise(resource.path, limits)
        yield from _check_kind(resource, found, where)
        with closing(_open_book(resource, found, limits, listing)) as book:
            sheet = _choose(book.sheets(), resource.sheet)
            where = replace(where, sheet=sheet.name)
            yield from _check_sheets(book, sheet, resource, where)
            yield from survey(book.events(sheet), resource.dialect.header_rows, where, resource.rows)
    except Refusal as refusal:
        row, column = refusal.spot
        cell = address(row, column) if row and column else ""
        yield replace(_finding(where, refusal.rule, **refusal.arguments), row=row, column=column, cell=cell)
    except OSError as error:
        stopped = error
    yield from check_unchanged(resource, stamp, stopped)


def _finding(where: Where, rule: str, **args: object) -> Finding:
    return Finding(rule, file=where.file, resource=where.resource, sheet=where.sheet, args=args)


def _check_lock(resource: Resource, where: Where) -> Iterator[Finding]:
    """Look for the lock files of Excel, WPS and LibreOffice: what is open may not be saved yet."""
    path = resource.path
    for lock in (path.with_name("~$" + path.name), path.with_name(f".~lock.{path.name}#")):
        if lock.exists():
            yield _finding(where, "workbook/open", lock=lock.name)
            return


def _check_kind(resource: Resource, found: str, where: Where) -> Iterator[Finding]:
    """Say so if the content is another than the name says; what can be read nevertheless is read."""
    declared = resource.format.lower()
    family = FAMILY.get(declared, declared)
    if found in READABLE and family == found:
        return
    if family == found or (family == "et" and found == "xls"):
        raise Refusal("workbook/unsupported", format=declared)
    if found == "encrypted":
        raise Refusal("workbook/encrypted")
    lock = found not in READABLE and resource.path.name.startswith(LOCKS)
    finding = _finding(where, "workbook/wrong-type", declared=declared, reason="lock" if lock else found)
    if found not in READABLE:
        raise Refusal(finding.rule, **finding.args)
    yield finding


def _open_book(resource: Resource, found: str, limits: Limits, listing: Listing | None) -> Book:
    if found == "xls":
        return open_xls(resource.path, resource.file, resource.encoding, limits.cell)
    if found not in READABLE:
        raise Refusal("workbook/wrong-type", declared=resource.format, reason=found)
    archive = open_archive(resource.path, limits)
    try:
        return open_ods(archive, listing) if found == "ods" else open_xlsx(archive)
    except Refusal:
        archive.close()
        raise


def _choose(sheets: tuple[Sheet, ...], wanted: str | int | None) -> Sheet:
    """Choose a sheet by name, by number from 1, or the first that is shown; raises `Refusal`."""
    if not sheets:
        raise Refusal("workbook/broken", reason="no-sheets", part="")
    if wanted is None or wanted == "":
        return next((sheet for sheet in sheets if not sheet.hidden), sheets[0])
    for sheet in sheets:
        if sheet.name == str(wanted):
            return sheet
    number = int(wanted) if str(wanted).isdecimal() and len(str(wanted)) < 6 else 0
    if 0 < number <= len(sheets):
        return sheets[number - 1]
    names = [sheet.name for sheet in sheets]
    folded = {name.strip().casefold(): name for name in names}
    close = get_close_matches(str(wanted).strip().casefold(), list(folded), 3, 0.5)
    raise Refusal("workbook/sheet-missing", sheet=str(wanted), sheets=names, close=[folded[name] for name in close] or names)


def _check_sheets(book: Book, sheet: Sheet, resource: Resource, where: Where) -> Iterator[Finding]:
    """Tell of other sheets that go unchecked, and of hidden ones, which are published with the file."""
    for other in book.sheets():
        if other.hidden and (other == sheet or book.filled(other)):
            yield _finding(where, "workbook/hidden", reason="sheet" if other == sheet else "other-sheet", which=other.name)
    if resource.sheet is None or resource.sheet == "":
        names = [other.name for other in book.sheets() if other == sheet or book.filled(other)]
        if len(names) > 1:
            yield _finding(where, "workbook/several-sheets", sheet=sheet.name, sheets=names, count=len(names))


def recognise(path: Path, limits: Limits) -> str:
    """Tell what a file is by its content: a workbook's kind, `encrypted`, `empty`, or what else it is."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        return "empty"
    kind = next((kind for start, kind in STARTS if head.startswith(start)), "")
    if kind == "zip":
        return _kind_of_zip(path, limits)
    return _kind_of_ole(path) if kind == "ole" else kind or _kind_of_text(head)


def _kind_of_zip(path: Path, limits: Limits) -> str:
    with closing(open_archive(path, limits)) as archive:
        if "mimetype" in archive:
            kind = _mimetype(archive)
            if "spreadsheet" in kind:
                return "ods"
            if kind.startswith("application/vnd.oasis"):
                return "document"
        for part, kind in (("xl/workbook.bin", "xlsb"), ("xl/workbook.xml", "xlsx"), ("word/document.xml", "document")):
            if part in archive:
                return kind
        if "ppt/presentation.xml" in archive:
            return "document"
        if "Index/Document.iwa" in archive:
            return "numbers"
        if "content.xml" in archive:
            return "ods"
        return "xlsx" if "[Content_Types].xml" in archive else "archive"


def _mimetype(archive: Archive) -> str:
    return next(read_chunks(archive, "mimetype"), b"")[:200].decode("ascii", "replace")


def _kind_of_ole(path: Path) -> str:
    """Look for the names of streams, which an OLE file has in UTF-16."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            return "encrypted"
        if any(content.find(name.encode("utf-16-le")) >= 0 for name in ("Workbook\0", "Book\0", "WORKBOOK\0", "BOOK\0")):
            return "xls"
        return "document" if content.find("WordDocument".encode("utf-16-le")) >= 0 else "ole"


def _kind_of_text(head: bytes) -> str:
    """Tell web pages and XML from plain text, as systems export them under the name `.xls`."""
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
        return "xml"
    if b"oasis:names:tc:opendocument" in plain:
        return "fods"
    if plain.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"mime-version:")) or b"<table" in plain:
        return "html"
    if plain.startswith(b"<?xml"):
        return "xml"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text"
    return "unknown" if b"\0" in head else "text"
