"""Conditions as SQL expressions over a text, for DuckDB and SQLite: an expression is never true where the condition does not hold.

What a database cannot say is left out (`None`): its cells are then candidates. DuckDB may ask the parts of an expression in any
order, so each is safe for every text. SQLite has no regular expressions: there a condition is a function of Python, registered with
the connection, except for what plain comparisons say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govdata.classes import dataclass, field
from govdata.predicates.conditions import (
    All,
    Always,
    Begins,
    Between,
    Bounds,
    CheckDigit,
    Condition,
    Digits,
    Either,
    Form,
    Length,
    Not,
    Number,
    OneOf,
    Part,
    PartBetween,
)
from govdata.predicates.plain import Test
from govdata.predicates.plain import emit as emit_plain
from govdata.predicates.sqldigits import check_digit
from govdata.predicates.sqlterms import called, double, part_of, sayable, string, whole, within

if TYPE_CHECKING:
    from sqlglot.expressions import Expr as Expression

LISTED = 20
"""Values up to which a list stands in the expression itself; more are looked up (DuckDB compares a text with each of a list)."""

ANYTHING = "(?s:.*)"
"""Around a pattern: it may stand anywhere, which is found faster so."""

EXACT = (Always, Begins, Form, Length, OneOf)
"""Conditions that are emitted word for word: only these may be turned round by `Not`."""

_REFUSED = (ValueError, LookupError, ArithmeticError, TypeError)


@dataclass(slots=True)
class Functions:
    """The functions of Python that SQLite must be given before it runs the expressions: name → function of a text."""

    made: dict[str, Test] = field(default_factory=dict)

    def add(self, test: Test) -> str:
        """The name of a new one."""
        name = f"govdata_{len(self.made) + 1}"
        self.made[name] = _safe(test)
        return name


def _safe(test: Test) -> Test:
    """A test that says no where it cannot be asked, and nothing but truth: a match would be no value of SQL."""

    def asked(text: Any) -> bool:
        try:
            return isinstance(text, str) and bool(test(text))
        except _REFUSED:
            return False

    return asked


def emit(condition: Condition, text: Expression, functions: Functions | None = None) -> Expression | None:
    """The condition over a text: for DuckDB; or, with `functions`, for SQLite."""
    if functions is not None:
        return _lite(condition, text, functions)
    made: Expression | None = _EMITTERS[type(condition)](condition, text)
    return made


def evaluate(condition: Condition, texts: Sequence[str], engine: str = "duckdb") -> list[bool | None]:
    """What a database says of texts; `None` where the condition has no form there. For tests."""
    from sqlglot import exp

    functions = Functions() if engine == "sqlite" else None
    made = emit(condition, exp.column("x"), functions)
    if made is None:
        return [None] * len(texts)
    asked = made.sql(dialect=engine)
    return _evaluate_lite(asked, texts, functions) if functions is not None else _evaluate_duck(asked, texts)


def _evaluate_duck(asked: str, texts: Sequence[str]) -> list[bool | None]:
    import duckdb

    with duckdb.connect() as connection:
        try:
            found = connection.execute(f"SELECT {asked} FROM (SELECT unnest(?::VARCHAR[]) AS x)", [list(texts)]).fetchall()
        except duckdb.InvalidInputException:
            return [None] * len(texts)
    return [row[0] for row in found]


def _evaluate_lite(asked: str, texts: Sequence[str], functions: Functions) -> list[bool | None]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(":memory:")) as connection:
        for name, test in functions.made.items():
            connection.create_function(name, 1, test, deterministic=True)
        connection.execute("CREATE TABLE t (x TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [(text,) for text in texts])
        return [None if row[0] is None else bool(row[0]) for row in connection.execute(f"SELECT {asked} FROM t ORDER BY rowid")]


def _lite(condition: Condition, text: Expression, functions: Functions) -> Expression | None:
    """Plain comparisons as such, everything else as one function of Python."""
    from sqlglot import exp

    parts = condition.conditions if isinstance(condition, All) else (condition,)
    made = {number: _compared(part, text) for number, part in enumerate(parts)}
    rest = tuple(part for number, part in enumerate(parts) if made[number] is None)
    found = [expression for expression in made.values() if expression is not None]
    if rest:
        test = emit_plain(rest[0] if len(rest) == 1 else All(rest))
        if test is None:
            return None
        found.append(exp.Anonymous(this=functions.add(test), expressions=[text.copy()]))
    return exp.and_(*found)


def _compared(condition: Condition, text: Expression) -> Expression | None:
    """A condition as a comparison that SQLite and Python see alike: by bytes, whatever the column's collation."""
    from sqlglot import exp

    if isinstance(condition, Always):
        return exp.true()
    if isinstance(condition, OneOf) and len(condition.values) <= LISTED and sayable(condition.values):
        plain = exp.Collate(this=text.copy(), expression=exp.Var(this="BINARY"))
        return exp.In(this=plain, expressions=[exp.Literal.string(value) for value in sorted(condition.values)])
    return None


def _one_of(condition: OneOf, text: Expression) -> Expression | None:
    return among(text, condition.values)


def among(text: Expression, values: frozenset[str]) -> Expression | None:
    """Whether a text is one of some."""
    from sqlglot import exp

    if not sayable(values):
        return None
    listed = [exp.Literal.string(value) for value in sorted(values)]
    if not listed:
        return exp.false()
    if len(listed) <= LISTED:
        return exp.In(this=text.copy(), expressions=listed)
    looked_up = exp.select(exp.Unnest(expressions=[exp.Array(expressions=listed)]))
    return exp.In(this=text.copy(), query=exp.Subquery(this=looked_up))


def _form(condition: Form, text: Expression) -> Expression | None:
    if not sayable([condition.pattern]):
        return None
    inner = condition.pattern.removeprefix(ANYTHING).removesuffix(ANYTHING)
    if condition.pattern == f"{ANYTHING}{inner}{ANYTHING}":
        return called("regexp_matches", text, string(f"(?:{inner})"))
    return called("regexp_full_match", text, string(condition.pattern))


def _length(condition: Length, text: Expression) -> Expression | None:
    bounds = Bounds(condition.least or None, condition.most)
    return within(called("length", text), bounds, whole)


def _digits(condition: Digits, text: Expression) -> Expression | None:
    from sqlglot import exp

    digits = called("length", called("regexp_replace", text, string("[^0-9]"), string(""), string("g")))
    return exp.LTE(this=digits, expression=whole(condition.most))


def _begins(condition: Begins, text: Expression) -> Expression | None:
    from sqlglot import exp

    if not sayable(condition.prefixes):
        return None
    return exp.or_(*(called("starts_with", text, string(prefix)) for prefix in condition.prefixes)) if condition.prefixes else exp.false()


def _number(condition: Number, text: Expression) -> Expression | None:
    from sqlglot import exp

    if not sayable([condition.drop, condition.point]):
        return None
    plain = text
    if condition.drop:
        plain = called("replace", plain, string(condition.drop), string(""))
    if condition.point != ".":
        plain = called("replace", plain, string(condition.point), string("."))
    kind, literal = ("bigint", whole) if condition.whole else ("double", double)
    return within(exp.TryCast(this=plain.copy(), to=exp.DataType.build(kind)), condition.bounds, literal)


def _between(condition: Between, text: Expression) -> Expression | None:
    return _ordered(text, condition.bounds)


def _ordered(text: Expression, bounds: Bounds) -> Expression | None:
    return within(text, bounds, string) if sayable(bound for bound in (bounds.low, bounds.high) if bound is not None) else None


def _part(condition: Part, text: Expression) -> Expression | None:
    return among(part_of(text, condition.at, condition.length), condition.values)


def _part_between(condition: PartBetween, text: Expression) -> Expression | None:
    return _ordered(part_of(text, condition.at, condition.length), condition.bounds)


def _not(condition: Not, text: Expression) -> Expression | None:
    from sqlglot import exp

    inner = emit(condition.condition, text) if isinstance(condition.condition, EXACT) else None
    return exp.Not(this=exp.Paren(this=inner)) if inner is not None else None


def _all(condition: All, text: Expression) -> Expression | None:
    from sqlglot import exp

    parts = [emit(part, text) for part in condition.conditions]
    return None if None in parts else exp.and_(*(part for part in parts if part is not None))


def _either(condition: Either, text: Expression) -> Expression | None:
    from sqlglot import exp

    parts = [part for part in (emit(inner, text) for inner in condition.conditions) if part is not None]
    return exp.or_(*parts) if parts else None


def _always(condition: Always, text: Expression) -> Expression | None:
    from sqlglot import exp

    return exp.true()


_EMITTERS: Mapping[type, Callable[[Any, Any], Any]] = {
    Always: _always,
    Form: _form,
    OneOf: _one_of,
    Length: _length,
    Digits: _digits,
    Begins: _begins,
    Number: _number,
    Between: _between,
    Part: _part,
    PartBetween: _part_between,
    CheckDigit: check_digit,
    Not: _not,
    All: _all,
    Either: _either,
}
