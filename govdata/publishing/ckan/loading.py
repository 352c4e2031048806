"""Loads the rows of a resource into its shadow: in batches through the API, or as COPY through our plugin or the PostgreSQL write URL.

All ways send the same canonical texts and give the same table. Memory does not grow with the rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Literal

from govdata.classes import dataclass
from govdata.errors import PublishError, SiteError
from govdata.publishing.ckan.columns import Column, dictionary, primary_key
from govdata.publishing.ckan.copies import CONNECTIONS, Copies
from govdata.publishing.ckan.database import refused_rows
from govdata.publishing.ckan.shadows import Shadow, drop_table, touch
from govdata.publishing.ckan.site import Site, written
from govdata.publishing.ckan.sums import Loaded, RowSum, as_shown, read_back
from govdata.publishing.rows import Values

if TYPE_CHECKING:
    import polars as pl

Way = Literal["api", "plugin", "sql"]

BATCH = 5000
"""Rows in one call; past that nothing is won (measured)."""
BATCH_TEXT = 8 << 20
"""Characters in one call."""
BLOCK_TEXT = 1 << 20
"""Characters in one call of the plugin's COPY: few enough that the connections end at about the same time."""
COPY_TEXT = 1 << 19
"""Characters given to PostgreSQL at once."""
IN_ORDER = 500
"""Rows that go first and alone, so that `_id` follows the file where it is looked at first; later batches go side by side."""
PAGE = 32_000
"""Rows that CKAN gives at most at once, unless it is set otherwise."""
TOUCH_SECONDS = 600.0
RELOADS = 3


@dataclass(frozen=True, slots=True)
class Means:
    """How a site's tables are loaded."""

    site: Site
    way: Way = "api"
    database: str = ""
    """The PostgreSQL write URL, for `sql`."""
    connections: int = 4
    batch: int = BATCH


Rows = Callable[[], Iterator[Values]]
"""Begins to read the rows afresh."""
Frames = Callable[[], "Iterator[pl.DataFrame]"]
"""The same, as `frames.frames_of` gives them."""
_Given = Iterable[Any]
"""Rows, each as its values or as frames of many."""


def load(
    means: Means,
    shadow: Shadow,
    columns: Sequence[Column],
    rows: Rows,
    tick: Callable[[int], None] = lambda rows: None,
    frames: Frames | None = None,
) -> Loaded:
    """Fill a shadow, which has no table yet. `tick` is told now and then how many rows were sent.

    `frames`: the same rows, where they can be had as frames: COPY takes them instead.
    `way` api: what the table holds is read back and compared here; else the switch compares it. Raises `PublishError`; the shadow is
    then for the caller to drop. Where nobody knows whether a batch was written, it is sent again by key, or all is loaded anew.
    """
    for number in range(RELOADS):
        work = _Work(means, shadow, columns, tick)
        try:
            return work.run(rows() if frames is None or means.way == "api" else frames())
        except _Unsure as error:
            if number == RELOADS - 1:
                raise error.cause from error
            drop_table(means.site, shadow.id)
    raise AssertionError("the last try returns or raises")


class _Unsure(Exception):
    """A batch may or may not be in the table, which has no key to tell."""

    def __init__(self, cause: SiteError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class _Work:
    """One try to load a table."""

    def __init__(self, means: Means, shadow: Shadow, columns: Sequence[Column], tick: Callable[[int], None]) -> None:
        self._means, self._shadow, self._columns, self._tick = means, shadow, columns, tick
        self._names = [column.name for column in columns]
        self._types = [column.type for column in columns]
        self._sum, self._beyond = RowSum(), RowSum()
        self._moments = [place for place, kind in enumerate(self._types) if kind == "timestamp"]
        self._touched = time.monotonic()

    def run(self, rows: _Given) -> Loaded:
        """Make the table, fill it, and compare."""
        key = primary_key(self._columns)
        order: dict[str, Any] = {"resource_id": self._shadow.id, "fields": dictionary(self._columns), "force": True}
        order |= {"primary_key": key} if key and self._means.way == "api" else {}
        self._means.site.act("datastore_create", {**order, "calculate_record_count": False})
        {"api": self._insert, "plugin": self._copy_inside, "sql": self._copy_outside}[self._means.way](rows)
        if self._means.way == "api":
            self._compare()
        elif key:
            more = {"resource_id": self._shadow.id, "primary_key": key, "force": True, "calculate_record_count": False}
            self._means.site.act("datastore_create", more)
        return Loaded(self._sum.rows, self._sum.checksum)

    def _alive(self) -> None:
        """Tell the caller, and from time to time the site, that the load goes on."""
        self._tick(self._sum.rows)
        if time.monotonic() - self._touched > TOUCH_SECONDS:
            touch(self._means.site, self._shadow)
            self._touched = time.monotonic()

    # --- through the API

    def _insert(self, rows: Iterable[Values]) -> None:
        self._side_by_side(self._send, self._batches(rows), self._means.connections, first=1)

    def _side_by_side(self, send: Callable[[Any], None], parts: Iterable[Any], most: int, first: int = 0) -> None:
        """Send parts through so many connections at once, the first of them one after the other."""
        running: set[Future[None]] = set()
        with ThreadPoolExecutor(most) as pool:
            try:
                for number, part in enumerate(parts):
                    running.add(pool.submit(send, part))
                    # The next part is read while these are on their way, so that no connection waits for it.
                    running = _collected(running, 1 if number < first else most + 1)
                _collected(running, 1)
            finally:
                # Where one failed, those that have not begun are not sent any more.
                for future in running:
                    future.cancel()

    def _batches(self, rows: Iterable[Values]) -> Iterator[list[Values]]:
        batch: list[Values] = []
        size, most = 0, min(IN_ORDER, self._means.batch)
        for values in rows:
            size += len(self._sum.add(values))
            batch.append(values)
            if self._moments and (shown := as_shown(values, self._moments)) is not None:
                self._beyond.replace(values, shown)
            if len(batch) == most or size >= BATCH_TEXT:
                yield batch
                self._alive()
                batch, size, most = [], 0, self._means.batch
        if batch:
            yield batch

    def _send(self, batch: Sequence[Values]) -> None:
        site, order = self._means.site, self._order
        try:
            site.act("datastore_upsert", order(batch, "insert"), again=False)
        except SiteError as error:
            if not error.unsure:
                raise _told(error, self._shadow) from error
            if not primary_key(self._columns):
                raise _Unsure(error) from error
            site.act("datastore_upsert", order(batch, "upsert"))

    def _order(self, batch: Sequence[Values], method: str) -> bytes:
        """The call that sends a batch. Its records are written row by row, which takes a third of the time of dictionaries as JSON."""
        order = {"resource_id": self._shadow.id, "method": method, "force": True, "calculate_record_count": False}
        record = "{" + ",".join(encode_basestring(name).replace("%", "%%") + ":%s" for name in self._names) + "}"
        records = [record % tuple(["null" if value is None else encode_basestring(value) for value in values]) for values in batch]
        return b'%s,"records":[%s]}' % (written(order)[:-1], ",".join(records).encode())

    def _compare(self) -> None:
        """Read the table back, several parts at once, and hold it against what was sent."""
        parts: list[tuple[int, int | None]] = [(first, first + PAGE) for first in range(0, self._sum.rows, PAGE)]
        with ThreadPoolExecutor(self._means.connections) as pool:
            held = list(pool.map(self._held, [*parts, (len(parts) * PAGE, None)]))
        rows, total = sum(part.rows for part in held), sum(part.total for part in held)
        if (rows, total) != (self._sum.rows, self._sum.total + self._beyond.total):
            raise PublishError("datastore-switch-rows", resource=self._shadow.live, what=f"{rows} / {self._sum.rows}")

    def _held(self, part: tuple[int, int | None]) -> RowSum:
        """What stands in the rows whose `_id` is above the first number and not above the second."""
        held, (after, last) = RowSum(), part
        order: dict[str, Any] = {"resource_id": self._shadow.id, "fields": self._names, "records_format": "csv", "limit": PAGE}
        order |= {"include_total": False, "include_next_page": True}
        while True:
            wanted = {"gt": after} if last is None else {"gt": after, "lte": last}
            found = self._means.site.act("datastore_search", {**order, "filters": {"_id": wanted}}, holds=("records",))
            held.take(read_back(found["records"], self._types))
            if not found["records"] or not found.get("next_page"):
                return held
            after = int(found["next_page"]["_id"]["gt"])

    # --- as COPY

    def _copy_inside(self, rows: _Given) -> None:
        """Blocks of lines for the plugin, several at once, each with its rows' numbers as `_id`: one that is sent twice is written once."""
        self._side_by_side(self._send_block, self._blocks(rows, BLOCK_TEXT), CONNECTIONS)

    def _send_block(self, block: tuple[int, str]) -> None:
        after, lines = block
        order = {"resource_id": self._shadow.id, "columns": ["_id", *self._names], "after": after, "lines": lines}
        try:
            self._means.site.act("govdata_datastore_copy", order)
        except SiteError as error:
            raise _told(error, self._shadow) from error

    def _copy_outside(self, rows: _Given) -> None:
        """Several COPYs at once, as most of the work is the server's; the rows' numbers as `_id` keep their order."""
        with Copies(self._means.database, self._shadow, self._names) as copies:
            for _, lines in self._blocks(rows, COPY_TEXT):
                copies.write(lines)

    def _blocks(self, rows: _Given, most: int) -> Iterator[tuple[int, str]]:
        """Lines for COPY, the row's number first, as soon as they come to so many characters; with the number of rows before them."""
        after, size = self._sum.rows, 0
        block: list[str] = []
        for lines in self._lines(rows, most):
            block += [f"{number}\t{line}\n" for number, line in enumerate(lines, after + len(block) + 1)]
            size += sum(map(len, lines))
            if size >= most:
                yield after, "".join(block)
                self._alive()
                after, size, block = self._sum.rows, 0, []
        if block:
            yield after, "".join(block)

    def _lines(self, rows: _Given, most: int) -> Iterator[list[str]]:
        """The lines of each row, or of parts of each frame that are small beside a block."""
        for item in rows:
            if isinstance(item, tuple):
                yield [self._sum.add(item)]
            else:
                height = item.height * most // (4 * item.estimated_size() + 1)
                yield from map(self._sum.add_frame, item.iter_slices(max(height, 1)))


def _collected(running: set[Future[None]], most: int) -> set[Future[None]]:
    """The batches that are still on their way once fewer than `most` are; raises what one of the others raised."""
    while len(running) >= most and running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()
    return running


def _told(error: SiteError, shadow: Shadow) -> PublishError:
    """A refusal of rows by PostgreSQL as one about the resource; any other as it came."""
    if error.kind != "invalid":
        return error
    codes = error.fields.get("code")
    code = str(codes[0]) if isinstance(codes, list) and codes else ""
    return refused_rows(str(error.arguments.get("what", "")), code, shadow.live)
