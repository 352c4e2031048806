"""The data of a dataset as files that can be fetched: the bytes that were checked, canonical CSV and Parquet, and their checksums."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from pathlib import Path

from govdata import content
from govdata.checks.context import CheckContext
from govdata.checks.schema import fields_of
from govdata.classes import dataclass, replace
from govdata.errors import PublishError
from govdata.publishing.frames import frames_of
from govdata.publishing.rows import rows_of
from govdata.publishing.site.exports.listings import has_parquet
from govdata.publishing.site.exports.naming import FileNames, ending_of
from govdata.publishing.site.exports.tables import Places, Wide, Written, write_frames, write_rows
from govdata.publishing.site.exports.tableschemas import canonical_fields
from govdata.publishing.site.exports.texts import words
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Download, Preview, Remark
from govdata.reading.changes import unsaved
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.tables import WORKBOOKS
from govdata.values import Dataset, DatasetReport, Resource, ResourceReport

FOLDER, ORIGINALS = "data/", "data/original/"
SUMS = "data/SHA256SUMS"
CSV_TYPE, PARQUET_TYPE = "text/csv", "application/vnd.apache.parquet"
OTHER_TYPE = "application/octet-stream"

_REASONS = {"datastore-value": "no-table-value", "datastore-unreadable": "no-table-unread", "datastore-character": "no-table-unread"}
"""Why rows have no canonical form (`rows`) → how that is told here."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What of one resource can be fetched, and what a page shows of it."""

    downloads: tuple[Download, ...]
    preview: Preview | None = None
    rows: int | None = None
    remarks: tuple[Remark, ...] = ()
    """Why something is not there."""


def write_downloads(dataset: Dataset, report: DatasetReport, context: CheckContext, portal: Portal, folder: Path) -> dict[str, Fetched]:
    """Write all data of a dataset below its folder: id of a resource → what there is of it. Links have nothing to write.

    Files are streamed, never held whole. Raises `PublishError` where a file is not the one that was checked; what was written then is the
    caller's to remove. A table that has no canonical form is offered as it is, and told.
    """
    writer = _Writer(dataset, context, portal, folder)
    read = {item.id: item for item in report.resources}
    found = {resource.id: writer.fetch(resource, read[resource.id]) for resource in dataset.resources if _is_file(read.get(resource.id))}
    writer.write_sums()
    return found


def _is_file(seen: ResourceReport | None) -> bool:
    return seen is not None and bool(seen.sha256)


class _Writer:
    """The downloads of one dataset."""

    def __init__(self, dataset: Dataset, context: CheckContext, portal: Portal, folder: Path) -> None:
        self._dataset, self._context, self._portal, self._folder = dataset, context, portal, folder
        self._names = FileNames()
        self._originals: dict[Path, Download] = {}
        """A file that holds several tables is copied once."""
        self._all: list[Download] = []
        self._columns = has_parquet()

    def fetch(self, resource: Resource, seen: ResourceReport) -> Fetched:
        """Write the files of one resource."""
        has_table = seen.rows is not None and bool(fields_of(resource.schema or {}))
        # The reader of text tables proves a file's bytes anyway, and tells their digest.
        proven = has_table and resource.format not in DATABASES | WORKBOOKS
        original = self._originals.get(resource.path)
        if original is None:
            original = self._originals[resource.path] = self._copy(resource, seen, not proven)
            self._all.append(original)
        if not has_table:
            return Fetched((original,), rows=seen.rows)
        # What is read is what was copied and compared.
        path = self._folder / original.name
        sha256 = seen.sha256 if proven else ""
        try:
            downloads, written = self._write_table(replace(resource, path=path), sha256)
        except PublishError as error:
            if sha256 and _measured(path)[1] != seen.sha256:
                raise self._changed(resource) from error
            told = words(_REASONS[error.key], error.arguments | {"file": resource.file})
            return Fetched((original,), rows=seen.rows, remarks=(Remark("", told.zh, told.en),))
        self._all += downloads
        return Fetched((original, *downloads), written.preview, written.rows)

    def _copy(self, resource: Resource, seen: ResourceReport, measured: bool) -> Download:
        name = Path(resource.file).name
        ending = ending_of(name)
        path = self._names.give(ORIGINALS, name[: len(name) - len(ending)], ending)
        place = self._folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(resource.path, place)
        # What lies beside a database was not copied, and may have been read.
        if measured and (_measured(place)[1] != seen.sha256 or unsaved(resource.path)):
            raise self._changed(resource)
        types = content.load("schemas/dcat-ap.yaml")["media-type"]
        return Download(path, "original", types.get(resource.format, OTHER_TYPE), place.stat().st_size, seen.sha256)

    def _changed(self, resource: Resource) -> PublishError:
        return PublishError("export-file-changed", file=resource.file, dataset=self._dataset.location)

    def _write_table(self, resource: Resource, sha256: str) -> tuple[list[Download], Written]:
        stem = Path(resource.file).stem + (f"-{resource.sheet}" if resource.sheet not in (None, "") else "")
        names = {"csv": self._names.give(FOLDER, stem, ".csv")}
        if self._portal.safe_csv:
            names["csv-safe"] = self._names.give(FOLDER, f"{stem}-safe", ".csv")
        if self._columns:
            names["parquet"] = self._names.give(FOLDER, stem, ".parquet")
        places = {kind: self._folder / name for kind, name in names.items()}
        with contextlib.ExitStack() as stack:
            for place in places.values():
                stack.callback(place.unlink, missing_ok=True)
            written = self._write(resource, sha256, Places(places["csv"], places.get("csv-safe"), places.get("parquet")))
            stack.pop_all()
        found = [Download(names["csv"], "csv", CSV_TYPE, *written.csv)]
        if written.safe is not None:
            found.append(Download(names["csv-safe"], "csv-safe", CSV_TYPE, *written.safe))
        if "parquet" in names:
            found.append(Download(names["parquet"], "parquet", PARQUET_TYPE, *_measured(places["parquet"])))
        return found, written

    def _write(self, resource: Resource, sha256: str, places: Places) -> Written:
        fields = canonical_fields(resource.schema or {})
        if not self._columns:
            return write_rows(rows_of(resource, self._context, sha256), fields, places)
        texts: frozenset[str] = frozenset()
        while True:
            try:
                return write_frames(frames_of(resource, self._context, sha256), fields, places, texts)
            except Wide as wide:
                texts |= wide.fields

    def write_sums(self) -> None:
        """Write the checksums, as `sha256sum --check` reads them in the folder of the data."""
        if not self._all:
            return
        lines = "".join(sorted(f"{item.sha256}  {item.name.removeprefix(FOLDER)}\n" for item in self._all))
        (self._folder / SUMS).write_bytes(lines.encode())


def _measured(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return path.stat().st_size, digest.hexdigest()
