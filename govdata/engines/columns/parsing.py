"""The cells of a plain block of a text table, by columns."""

from __future__ import annotations

import polars as pl

from govdata.engines.columns.structure import Form


def parse(block: bytes, form: Form, width: int, ragged: bool = False) -> pl.DataFrame | None:
    """The cells of a plain block as columns `0`, `1`, … of text; `None` where a row has more cells, unless `ragged` drops them.

    A cell that is missing and an empty one are both empty: `counts` tells them apart.
    """
    schema = {str(number): pl.String for number in range(width)}
    # Without a line end, an empty cell too many at the very end would go unseen.
    whole = block if block.endswith(b"\n") else block + b"\n"
    try:
        return pl.read_csv(
            whole, has_header=False, schema=schema, separator=form.delimiter, quote_char=form.quote, empty_string_is_null=False,
            missing_columns="insert", truncate_ragged_lines=ragged or None, extra_columns="ignore" if ragged else None, glob=False,
        )  # fmt: skip
    except (pl.exceptions.PolarsError, OSError):
        return None
