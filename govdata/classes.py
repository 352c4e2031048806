"""Classes of values: what `dataclasses` makes, but from functions that stand here instead of source that is compiled for every class.

The program has a hundred of them and starts anew for each small table: compiling their source took longer than checking it. Only where a
run makes many values of a class is that worth while, and done then. The classes look to `dataclasses` like its own
(`fields`, `replace`, `asdict` of the standard library take them). Not kept: inherited fields, `__post_init__`, order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MemberDescriptorType
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

_NAMES = "__match_args__"
"""The attribute of a class that holds the names of its fields, in order."""
_FIELDS = "__dataclass_fields__"
"""The attribute at which the standard library looks."""

MANY = 200
"""So many values of a class, and its constructor is compiled: the one that stands here takes some four times as long for each."""


class _Made:
    """A default that is made afresh for every value."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], Any]) -> Any:
    """A field whose default is made afresh for every value."""
    return _Made(default_factory)


@dataclass_transform(field_specifiers=(field,))
def dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]:
    """A class whose annotations are its fields: taken by place or name, compared and hashed by value, unless `eq` is false."""

    def made(cls: type[T]) -> type[T]:
        names = tuple(name for name, kind in getattr(cls, "__annotations__", {}).items() if not str(kind).startswith("ClassVar"))
        defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
        added: dict[str, Any] = {_NAMES: names, _FIELDS: _Described(defaults), "__init__": _init_of(names, defaults)}
        read = _reader(names)
        added |= {"__reduce__": _reduce_of(read, len(names)), "__repr__": _repr}
        if frozen:
            added |= {"__setattr__": _refuse, "__delattr__": _refuse}
        if eq:
            added |= {"__eq__": _eq_of(read), "__hash__": _hash_of(read) if frozen else None}
        if slots:
            return _with_slots(cls, names, added)
        for name, value in added.items():
            setattr(cls, name, value)
        for name, value in defaults.items():
            if isinstance(value, _Made):
                delattr(cls, name)
        return cls

    return made


def _with_slots(cls: type[T], names: tuple[str, ...], added: Mapping[str, Any]) -> type[T]:
    """Slots can only be given to a class when it is made: it is made again."""
    own = {name: value for name, value in cls.__dict__.items() if name not in (*names, "__dict__", "__weakref__")}
    made: type[T] = type(cls.__name__, cls.__bases__, {**own, **added, "__slots__": names})
    made.__qualname__ = cls.__qualname__
    return made


def _init_of(names: tuple[str, ...], defaults: Mapping[str, Any]) -> Callable[..., None]:
    store, known = object.__setattr__, frozenset(names)
    made = tuple((name, value.make) for name, value in defaults.items() if isinstance(value, _Made))
    left = MANY

    def __init__(self: object, *given: Any, **named: Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            _compile(next(kind for kind in type(self).__mro__ if kind.__dict__.get("__init__") is __init__), names, defaults)
        values = {**defaults, **named}
        if given:
            twice = [name for name in names[: len(given)] if name in named] or given[len(names) :]
            if twice:
                raise TypeError(f"{type(self).__name__} has no place for {twice}")
            values.update(zip(names, given, strict=False))
        if values.keys() != known:
            raise TypeError(f"{type(self).__name__}: missing or unknown {sorted(known ^ values.keys())}")
        for name, make in made:
            if values[name].__class__ is _Made:
                values[name] = make()
        for name, value in values.items():
            store(self, name, value)

    return __init__


def _compile(cls: type, names: tuple[str, ...], defaults: Mapping[str, Any]) -> None:
    """Give a class a constructor from source that does the same. One whose defaults do not all stand last keeps what it has."""
    if any(name in defaults for name in names[: len(names) - len(defaults)]):
        return
    known: dict[str, Any] = {f"d_{name}": value for name, value in defaults.items()}
    takes, does = [], []
    for name in names:
        takes.append(f"{name}=d_{name}" if name in defaults else name)
        if isinstance(defaults.get(name), _Made):
            known[f"make_{name}"] = defaults[name].make
            does.append(f" if {name} is d_{name}: {name} = make_{name}()")
        slot: Any = cls.__dict__.get(name)
        # What a slot is set by knows its place; the other way looks for it by name.
        is_slot = isinstance(slot, MemberDescriptorType)
        known[f"set_{name}"] = slot.__set__ if is_slot else object.__setattr__
        does.append(f" set_{name}(self, {name})" if is_slot else f" set_{name}(self, {name!r}, {name})")
    exec(f"def __init__(self, {', '.join(takes)}):\n" + "\n".join(does or [" pass"]), known)  # the names of fields alone
    setattr(cls, "__init__", known["__init__"])  # noqa: B010


def _reader(names: tuple[str, ...]) -> Callable[[Any], Any]:
    """All fields of a value at once."""
    return operator.attrgetter(*names) if names else lambda value: ()


def _eq_of(read: Callable[[Any], Any]) -> Callable[[object, object], Any]:
    def __eq__(self: object, other: object) -> Any:
        return read(self) == read(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hash_of(read: Callable[[Any], Any]) -> Callable[[object], int]:
    def __hash__(self: object) -> int:
        return hash(read(self))

    return __hash__


def _reduce_of(read: Callable[[Any], Any], count: int) -> Callable[[object], tuple[Any, ...]]:
    def __reduce__(self: object) -> tuple[Any, ...]:
        # What reads one field gives it bare.
        return type(self), (read(self),) if count == 1 else read(self)

    return __reduce__


def _repr(self: object) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in fields(self))})"


def _refuse(self: object, name: str, *value: object) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: {name} stays")


class _Described:
    """What the standard library wants to know of a class's fields, told when it asks."""

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        self._defaults = defaults

    def __get__(self, value: object, cls: type) -> Any:
        import dataclasses

        told = {name: {"default_factory": x.make} if isinstance(x, _Made) else {"default": x} for name, x in self._defaults.items()}
        declared = [(name, cls.__annotations__[name], dataclasses.field(**told.get(name, {}))) for name in getattr(cls, _NAMES)]
        return getattr(dataclasses.make_dataclass(cls.__name__, declared), _FIELDS)


def fields(value: object) -> tuple[str, ...]:
    """The names of the fields of a value or class."""
    names: tuple[str, ...] = getattr(value, _NAMES)
    return names


def replace(value: T, /, **changes: Any) -> T:
    """The value with other contents in some of its fields."""
    names = fields(value)
    if not changes.keys() <= set(names):
        raise TypeError(f"{type(value).__name__}: unknown {sorted(changes.keys() - set(names))}")
    made, store = object.__new__(type(value)), object.__setattr__
    for name in names:
        store(made, name, changes[name] if name in changes else getattr(value, name))
    return made


def asdict(value: Any) -> Any:
    """A value as a mapping of its fields; so are the values in it, and in its lists and mappings."""
    if isinstance(getattr(type(value), "__dict__", {}).get(_FIELDS), _Described):
        return {name: asdict(getattr(value, name)) for name in fields(value)}
    if type(value) in (list, tuple):
        return type(value)(map(asdict, value))
    return {name: asdict(item) for name, item in value.items()} if type(value) is dict else value
