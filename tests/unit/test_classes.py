"""Classes of values: what they promise, held against the classes of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from govdata.classes import MANY, asdict, dataclass, field, fields, replace
from govdata.expressions import expression
from govdata.values import Dialect, Finding, Source


@dataclass(frozen=True, slots=True)
class Ours:
    """A value."""

    kind: ClassVar[str] = "ours"
    name: str
    size: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same of the standard library."""

    name: str
    size: int = 0
    more: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass()
class Open:
    """One that may change."""

    kept: list[int] = field(default_factory=list)
    name: str = ""


def test_made_as_by_the_standard_library() -> None:
    for given, named in ((("a",), {}), (("a", 2), {}), ((), {"size": 3, "name": "b"}), (("a",), {"more": {"x": 1}})):
        ours, theirs = Ours(*given, **named), Theirs(*given, **named)  # type: ignore[arg-type]
        assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
        assert dataclasses.asdict(ours) == asdict(ours) == dataclasses.asdict(theirs)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("given", "named"), [((), {}), (("a", 1, {}, 4), {}), (("a",), {"name": "b"}), (("a",), {"colour": 1}), ((), {"colour": 1})]
)
def test_wrong_arguments_are_refused(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            kind(*given, **named)


def test_frozen_with_slots() -> None:
    value = Ours("a")
    assert (value.kind, fields(value)) == ("ours", ("name", "size", "more"))
    with pytest.raises(AttributeError):
        value.name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del value.name
    with pytest.raises(AttributeError):
        value.colour = 1  # type: ignore[attr-defined]
    assert not hasattr(value, "__dict__")
    assert value.name == "a"


def test_compared_and_hashed_by_value() -> None:
    assert Dialect() == Dialect()
    assert Dialect() != Dialect(delimiter=";")
    assert len({Dialect(), Dialect(), Dialect(delimiter=";")}) == 2
    assert Ours("a") != Theirs("a")
    assert Open([1]) == Open([1])
    with pytest.raises(TypeError):
        hash(Open())


def test_defaults_are_made_afresh() -> None:
    first, second = Open(), Open()
    first.kept.append(1)
    first.name = "changed"
    assert (second.kept, second.name) == ([], "")


def test_replaced_copied_sent() -> None:
    finding = Finding("a/b", value="v", source=Source("d"), args={"x": (1, 2)})
    changed = replace(finding, value="w")
    assert (changed.value, changed.args, finding.value) == ("w", {"x": (1, 2)}, "v")
    assert dataclasses.replace(finding, value="w") == changed
    assert pickle.loads(pickle.dumps(finding)) == copy.deepcopy(finding) == finding
    assert asdict(finding)["source"]["document"] == "d"


def test_known_to_the_standard_library() -> None:
    assert dataclasses.is_dataclass(Finding)
    assert tuple(item.name for item in dataclasses.fields(Finding)) == fields(Finding)
    assert next(item for item in dataclasses.fields(Ours) if item.name == "more").default_factory is dict


def test_expressions_are_as_compiled() -> None:
    found = expression("a(?P<rest>.*)")
    assert found.groups == 1
    assert (match := found.fullmatch("abc")) is not None
    assert match["rest"] == "bc"
    assert expression(b"x").sub(b"y", b"xx") == b"yy"
    with pytest.raises(AttributeError):
        found.colour  # type: ignore[attr-defined]  # noqa: B018


def test_nothing_changes_with_the_number_of_values() -> None:
    @dataclass(frozen=True, slots=True)
    class Many:
        name: str
        size: int = 0
        more: Mapping[str, Any] = field(default_factory=dict)

    @dataclass()
    class Loose:
        kept: list[int] = field(default_factory=list)
        name: str = ""

    values = [Many(f"{number}", size=number) for number in range(3 * MANY)]
    assert "set_name" in Many.__init__.__globals__, "its constructor is not compiled"
    assert [(value.name, value.size, value.more) for value in values] == [(f"{number}", number, {}) for number in range(3 * MANY)]
    assert Many("a", 1, {"x": 1}) == Many(more={"x": 1}, size=1, name="a") != Many("a")
    assert Many("a").more is not Many("a").more
    for given, named in ((), {}), (("a", 1, {}, 4), {}), (("a",), {"name": "b"}), (("a",), {"colour": 1}), ((), {"colour": 1}):
        with pytest.raises(TypeError):
            Many(*given, **named)
    with pytest.raises(AttributeError):
        values[0].name = "b"  # type: ignore[misc]
    loose = [Loose() for _ in range(2 * MANY)]
    loose[0].kept.append(1)
    assert (loose[0].kept, loose[-1].kept, Loose([2], "b").kept, Loose(name="b").name) == ([1], [], [2], "b")
