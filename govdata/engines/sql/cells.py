"""What SQL can say of the cells of one column: which are missing, which are surely right, how their text and their part of a key is had.

The reference reads a cell as Python has it. So of a typed cell either the type itself proves what a condition asks of its text, or the
text is made as Python would write it; where that is not sure the expression is null and the cell is a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from govdata.classes import dataclass
from govdata.engines.plan import ColumnPlan
from govdata.engines.proofs import SHORT, flat, proven
from govdata.predicates.conditions import Between, Condition, Number
from govdata.predicates.sql import LISTED, Functions, among, emit
from govdata.predicates.sqlterms import called, cast, double, string, whole, within
from govdata.reading.databases.kinds import AS_TEXT, DYNAMIC
from govdata.reading.sources import Column

if TYPE_CHECKING:
    from sqlglot.expressions import Expr as Expression


@dataclass(frozen=True, slots=True)
class Cells:
    """One column as expressions. `accept` is `None` where nothing can be said of it."""

    column: Column
    text: Expression | None
    """As the report shows it; null where that is not sure."""
    missing: Expression
    accept: Expression | None
    part: Expression | None
    """Equal where the parts of a key are equal, of accepted cells."""
    filled: Expression
    """Something stands in the cell."""


def cells_of(plan: ColumnPlan | None, column: Column, functions: Functions | None, collated: bool = False) -> Cells:
    """The expressions of a column; `plan` is `None` for one without a field, `functions` is there for SQLite."""
    from sqlglot import exp

    cell: Expression = exp.column(column.name, quoted=True)
    if column.family == DYNAMIC:
        assert functions is not None
        return _dynamic(plan, column, cell, functions)
    if column.family == "text" and collated:
        cell = called("decode", called("encode", cell))
    if column.type in _MICROSECONDS:
        column = Column(column.name, _MICROSECONDS[column.type], column.family)
        cell = _microseconds(cell, column)
    kind = str(plan.descriptor.get("type", "string")) if plan is not None else "any"
    text = _text(cell, column, kind)
    is_text = column.family == "text" or column.family in AS_TEXT
    empty = exp.Is(this=cell.copy(), expression=exp.null())
    filled: Expression = exp.Not(this=empty.copy())
    if is_text and text is not None:
        filled = exp.NEQ(this=text.copy(), expression=string(""))
    if plan is None:
        return Cells(column, text, empty, None, None, filled)
    missing, spared = _missing(plan, text if is_text else None, empty)
    accept = _accept(plan, column, kind, (cell, text))
    if accept is not None and not is_text and spared:
        # A number that looks like a missing value is for the reference to judge.
        listed = among(text, spared) if text is not None else None
        accept = exp.and_(accept, exp.Not(this=exp.Paren(this=listed))) if listed is not None else None
    if missing is None:
        missing, accept = empty, None
    return Cells(column, text, missing, accept, _part(plan, column, (cell, text)), filled)


_MICROSECONDS: Mapping[str, str] = {"TIMESTAMP_NS": "TIMESTAMP", "TIMESTAMPTZ_NS": "TIMESTAMP WITH TIME ZONE", "TIME_NS": "TIME"}
"""Types in nanoseconds → the same in microseconds."""


def _microseconds(cell: Expression, column: Column) -> Expression:
    """A time in nanoseconds as Python has it, cut off; its own type has no year 1000 to compare it with."""
    from sqlglot import exp

    if column.family == "time":
        return exp.Cast(this=called("left", exp.Cast(this=cell, to=exp.DataType.build("text")), whole(15)), to=exp.DataType.build("time"))
    kind = exp.DataType.build(column.type, dialect="duckdb")
    cut = called("make_timestamp", exp.IntDiv(this=called("epoch_ns", cell), expression=exp.Literal.number(1000)))
    rounded = exp.Cast(this=cell.copy(), to=kind.copy())
    return exp.Case().when(called("isfinite", rounded), exp.Cast(this=cut, to=kind)).else_(rounded.copy())


def _missing(plan: ColumnPlan, text: Expression | None, empty: Expression) -> tuple[Expression | None, frozenset[str]]:
    from sqlglot import exp

    stated = plan.decision.missing
    if text is None or not stated:
        return empty, stated - {""}
    listed = among(text, stated)
    return (exp.or_(empty, listed) if listed is not None else None), frozenset()


def _accept(plan: ColumnPlan, column: Column, kind: str, means: tuple[Expression, Expression | None]) -> Expression | None:
    from sqlglot import exp

    condition, (cell, text) = plan.decision.accept, means
    if column.family == "null":
        return exp.false()
    # DuckDB compares the widest integers with a number only by making them narrower, which those beyond cannot be.
    if condition is None or column.family in {"list", "struct", "blob"} or column.type == "UHUGEINT":
        return None
    known = proven(plan.descriptor, column.family)
    parts: list[Expression | None] = []
    if known is not None:
        parts.append(_guard(cell, column, kind))
    elif text is None:
        return None
    for part in flat(condition):
        if part in (known or ()):
            continue
        native = _native(part, cell, column, kind) if parts else None
        parts.append(native if native is not None else (emit(part, text) if text is not None else None))
    return None if None in parts else exp.and_(*(part for part in parts if part is not None)) if parts else exp.true()


def _guard(cell: Expression, column: Column, kind: str) -> Expression:
    """What a value must be beside its type: finite, and within the years that Python knows."""
    from sqlglot import exp

    if column.family == "double":
        return called("isfinite", cell)
    if column.family in {"date", "timestamp", "timestamp-zone"}:
        years = exp.Between(this=cell.copy(), low=cast("0001-01-02", column.type), high=cast("9999-12-30", column.type))
        if (column.family, kind) == ("timestamp", "date"):
            day = called("date_trunc", string("day"), cell)
            return exp.and_(years, exp.EQ(this=day, expression=cell.copy()))
        return years
    if column.family == "time":
        return exp.LT(this=cell.copy(), expression=cast("23:59:59.999999", "TIME"))
    return exp.true()


def _native(condition: Condition, cell: Expression, column: Column, kind: str) -> Expression | None:
    """A condition on the value itself, where it says the same as on the text."""
    family = column.family
    if isinstance(condition, Number) and condition.whole and family == "integer":
        return within(cell, condition.bounds, whole)
    if isinstance(condition, Number) and not condition.whole and family in {"integer", "decimal", "double"}:
        return within(_as_double(cell), condition.bounds, double)
    if condition == SHORT and kind == "number":
        return _short(cell, column)
    if isinstance(condition, Between) and family == kind == "date":
        return within(cell, condition.bounds, lambda bound: cast(str(bound), "DATE"))
    return None


def _as_double(cell: Expression) -> Expression:
    from sqlglot import exp

    return exp.Cast(this=cell.copy(), to=exp.DataType.build("double"))


_DIGITS = 999_999_999_999_999


def _short(cell: Expression, column: Column) -> Expression | None:
    """A number of at most fifteen digits, whose order a double keeps. Python writes a double with so many digits as tell it apart."""
    from sqlglot import exp

    if column.family == "double":
        return exp.true()
    if column.family == "integer":
        return exp.Between(this=cell.copy(), low=whole(-_DIGITS), high=whole(_DIGITS))
    sizes = re.fullmatch(r"DECIMAL\(([0-9]+),[0-9]+\)", column.type)
    return exp.true() if sizes is not None and int(sizes[1]) <= 15 else None


def _text(cell: Expression, column: Column, kind: str) -> Expression | None:
    """The cell as Python writes it (`engines.plan.shown`)."""
    from sqlglot import exp

    written = exp.Cast(this=cell.copy(), to=exp.DataType.build("text"))
    if column.family == "text":
        return cell if column.type == "VARCHAR" else written
    if column.family in AS_TEXT or column.family == "integer":
        return written
    made = _WRITTEN.get(column.family)
    return made(cell, written, column, kind) if made is not None else None


def _only(condition: Expression, value: Expression) -> Expression:
    from sqlglot import exp

    return exp.Case().when(condition, value)


def _decimal(cell: Expression, written: Expression, column: Column, kind: str) -> Expression:
    """Python writes very small ones with an exponent."""
    from sqlglot import exp

    sizes = re.fullmatch(r"DECIMAL\([0-9]+,([0-9]+)\)", column.type)
    if sizes is not None and int(sizes[1]) <= 6:
        return written
    return _only(exp.GTE(this=exp.Abs(this=cell.copy()), expression=exp.Literal.number("0.000001")), written)


def _double(cell: Expression, written: Expression, column: Column, kind: str) -> Expression:
    """Whole ones without a point; others as the shortest text that gives the same number, in the range without exponents."""
    from sqlglot import exp

    value = _as_double(cell)
    size = exp.Abs(this=value.copy())
    plain = exp.LT(this=size.copy(), expression=double(1e15))
    trunc = called("trunc", value)
    is_whole = exp.and_(plain, exp.EQ(this=trunc, expression=value.copy()))
    number = exp.Cast(this=exp.TryCast(this=value.copy(), to=exp.DataType.build("bigint")), to=exp.DataType.build("text"))
    fraction = exp.and_(plain, exp.GTE(this=size.copy(), expression=double(1e-3)))
    return exp.Case().when(is_whole, number).when(fraction, exp.Cast(this=value, to=exp.DataType.build("text")))


def _boolean(cell: Expression, written: Expression, column: Column, kind: str) -> Expression:
    from sqlglot import exp

    return exp.Case().when(cell.copy(), string("True")).else_(string("False"))


def _date(cell: Expression, written: Expression, column: Column, kind: str) -> Expression:
    from sqlglot import exp

    usual = exp.Between(this=cell.copy(), low=cast("1000-01-01", column.type), high=cast("9999-12-30", column.type))
    form = "%Y-%m-%d" if column.family == "date" and kind != "datetime" else "%Y-%m-%dT%H:%M:%S"
    made = called("strftime", cell, string(form))
    if column.family == "date":
        return _only(usual, made)
    if kind == "date":
        return exp.null()
    second = called("date_trunc", string("second"), cell)
    return _only(exp.and_(usual, exp.EQ(this=second, expression=cell.copy())), made)


def _time(cell: Expression, written: Expression, column: Column, kind: str) -> Expression:
    from sqlglot import exp

    plain = exp.EQ(this=called("length", written), expression=whole(8))
    return _only(exp.and_(plain, exp.LT(this=cell.copy(), expression=cast("23:59:59.999999", "TIME"))), written)


_WRITTEN: Mapping[str, Callable[..., Expression]] = {
    "decimal": _decimal,
    "double": _double,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _date,
    "time": _time,
}


def _part(plan: ColumnPlan, column: Column, means: tuple[Expression, Expression | None]) -> Expression | None:
    """Of values of one type equality is the database's; of texts, that of what they stand for."""
    from sqlglot import exp

    cell, text = means
    if column.family in {"list", "struct", "blob"}:
        return None
    if column.family in AS_TEXT:
        # A list that is read from such a text is compared otherwise.
        return text.copy() if text is not None and plan.descriptor.get("type", "string") in {"string", "any"} else None
    if column.family != "text":
        return cell.copy()
    value = plan.decision.value
    if text is None or value not in {"text", "integer"} or (value == "integer" and plan.descriptor.get("groupChar")):
        return None
    return text.copy() if value == "text" else exp.TryCast(this=text.copy(), to=exp.DataType.build("bigint"))


def _dynamic(plan: ColumnPlan | None, column: Column, cell: Expression, functions: Functions) -> Cells:
    """SQLite: each cell by its own type. Whole numbers are written as Python writes them; other numbers are candidates."""
    from sqlglot import exp

    def typed(name: str) -> Expression:
        return exp.EQ(this=called("typeof", cell), expression=string(name))

    empty = exp.Is(this=cell.copy(), expression=exp.null())
    plain: Any = exp.Collate(this=cell.copy(), expression=exp.Var(this="BINARY"))
    number = exp.Cast(this=cell.copy(), to=exp.DataType.build("text"))
    text = exp.Case().when(typed("text"), cell.copy()).when(typed("integer"), number.copy())
    filled = exp.and_(exp.Not(this=empty.copy()), exp.NEQ(this=plain.copy(), expression=string("")))
    if plan is None:
        return Cells(column, text, empty, None, None, filled)
    stated = plan.decision.missing
    listed = (among(plain, stated) if len(stated) <= LISTED else None) if stated else exp.false()
    kind = str(plan.descriptor.get("type", "string"))
    condition = plan.decision.accept
    of_text = emit(condition, cell, functions) if condition is not None else None
    if listed is None or of_text is None or condition is None:
        return Cells(column, text, empty, None, None, filled)
    of_number = exp.false() if stated - {""} else _accept_integer(plan, condition, (cell, number), functions)
    accept = exp.Case().when(typed("text"), of_text).when(typed("integer"), of_number).else_(exp.false())
    missing = exp.or_(empty, exp.and_(typed("text"), listed))
    value = plan.decision.value
    as_integer = exp.Case().when(typed("integer"), cell.copy()).when(typed("text"), exp.Cast(this=cell, to=exp.DataType.build("bigint")))
    part: Any = None
    if value == "integer" and not plan.descriptor.get("groupChar"):
        part = as_integer
    elif value == "text" and kind == "string":
        part = exp.Collate(this=exp.Cast(this=cell.copy(), to=exp.DataType.build("text")), expression=exp.Var(this="BINARY"))
    return Cells(column, text, missing, accept, part, filled)


def _accept_integer(plan: ColumnPlan, condition: Condition, means: tuple[Expression, Expression], functions: Functions) -> Expression:
    """A whole number of SQLite, at most 64 bits wide."""
    from sqlglot import exp

    cell, number = means
    kind = str(plan.descriptor.get("type", "string"))
    column = Column("", "BIGINT", "integer")
    known = proven(plan.descriptor, "integer")
    if known is None:
        found = emit(condition, number, functions) if kind in {"string", "year", "boolean"} else None
        return found if found is not None else exp.false()
    parts: list[Any] = []
    for part in flat(condition):
        if part not in known:
            native = _native(part, cell, column, kind)
            parts.append(native if native is not None else emit(part, number, functions))
    return exp.false() if None in parts else exp.and_(*parts) if parts else exp.true()
