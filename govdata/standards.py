"""Standards: layers of rules, overlays and code lists, of which a lower one may only tighten what an upper one asks."""

from __future__ import annotations

import fnmatch
import functools
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from govdata import content, digests
from govdata.classes import dataclass, replace
from govdata.codes import CodeList, add_codes, read_list, read_source
from govdata.errors import ContentError
from govdata.rules import Rule, read_rule, read_shipped_rule, refuse_without_examples
from govdata.values import SEVERITIES, Source

DEFAULT = "national"
"""What an entry is held against that names no standard."""

BARE = "core"
"""What a table without an entry is held against: files, tables and identifiers, no law."""

LOCAL = "local"
"""The layer of rules that a directory has in its folder without a standard of its own."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as its file declares it."""

    id: str
    version: str
    title: Mapping[str, str]
    source: Source
    extends: str
    declared: Mapping[str, Any]
    folder: Path | None
    file: str


@dataclass(frozen=True, eq=False)
class Standard:
    """A chain of layers resolved: the rules, lists and schemas in force."""

    id: str
    layers: tuple[Layer, ...]
    """Root first."""
    rules: Mapping[str, Rule]
    codes: Mapping[str, CodeList]
    overlays: tuple[tuple[str, Mapping[str, Any]], ...]
    """(layer, JSON Schema over the canonical entry)."""
    is_shipped: bool = False
    """Nothing of it is the user's own."""

    @property
    def version(self) -> str:
        """The version of the last layer."""
        return self.layers[-1].version

    @functools.cached_property
    def digest(self) -> str:
        """A digest of everything that can change a verdict: layers, rules, overlays and the lists with their codes."""
        if self.is_shipped:
            return content.remembered(f"digest-{self.id}", ("standards", "rules", "codes"), self._digest)
        return self._digest()

    def _digest(self) -> str:
        parts: list[Any] = [[layer.declared for layer in self.layers], [s for _, s in self.overlays]]
        parts.append({r.id: [r.severity, r.check, r.layer] for r in self.rules.values()})
        parts.append([[c.id, str(c.declared), c.data_digest] for c in self.codes.values()])
        return digests.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str).encode())[:16]


@dataclass(frozen=True, eq=False)
class Library:
    """All layers, rules and lists at hand: ours, and those of a directory's own folder."""

    layers: Mapping[str, Layer]
    rules: Mapping[str, Rule]
    lists: Mapping[str, CodeList]
    own_rules: tuple[str, ...] = ()
    """Rules of the user's folder that no layer there lists."""

    @functools.cached_property
    def _resolved(self) -> dict[str, Standard]:
        return {}

    def standard(self, name: str) -> Standard:
        """A standard by id, resolved; `ContentError` where it does not exist or breaks the rules for layers."""
        if name not in self._resolved:
            self._resolved[name] = _resolve(self, name)
        return self._resolved[name]


def read_library(folder: Path | None = None) -> Library:
    """Our content and, where a directory names one, the folder of its own: `rules/`, `codes/`, `standards/`."""
    shipped = _shipped()
    return shipped if folder is None else _with_folder(shipped, folder)


@functools.cache
def _shipped() -> Library:
    base = content.root() / content.SECTIONS["standards"]
    layers = [
        read_layer(declared, base / Path(name).parent, f"standards/{name}")
        for name, declared in content.compiled("standards").items()
        if name.endswith("standard.yaml")
    ]
    rules = [read_shipped_rule(name) for name in content.compiled(content.CHECKS)]
    folder = content.root() / content.SECTIONS["codes"]
    lists = [
        read_list(declared, folder / Path(name).parent)
        for name, declared in content.compiled("codes").items()
        if name.endswith("list.yaml")
    ]
    return Library(_unique(layers), _unique(rules), _unique(lists))


def _unique(items: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        if item.id in found:
            raise ContentError("id-twice", id=item.id, file=getattr(item, "file", ""))
        found[item.id] = item
    return found


def read_layer(declared: Mapping[str, Any], folder: Path | None, file: str) -> Layer:
    """A layer from the content of its `standard.yaml`."""
    try:
        return Layer(
            id=str(declared["id"]),
            version=str(declared["version"]),
            title=declared["title"],
            source=read_source(declared.get("source", {})),
            extends=str(declared.get("extends") or ""),
            declared=declared,
            folder=folder,
            file=file,
        )
    except (KeyError, TypeError) as error:
        raise ContentError("layer-incomplete", file=file, what=str(error).strip("'")) from error


def _with_folder(shipped: Library, folder: Path) -> Library:
    """The shipped library with a directory's own content; an id of ours may not be redefined."""
    if not os.path.isdir(folder):
        raise ContentError("no-content-folder", path=str(folder))
    rules = dict(shipped.rules)
    own = []
    for name, declared in _found(folder / "rules", ".yaml", "rule"):
        rule = read_rule(declared, str(folder / "rules" / name))
        refuse_without_examples(declared, rule.file)
        _refuse_bad_shape(declared, "rule", rule.file)
        _refuse_redefined(rule.id, rules, rule.file)
        rules[rule.id] = rule
        own.append(rule.id)
    lists = dict(shipped.lists)
    for name, declared in _found(folder / "codes", "list.yaml", "code-list"):
        own_list = read_list(declared, folder / "codes" / Path(name).parent)
        _refuse_bad_shape(declared, "code-list", str(folder / "codes" / name))
        _refuse_redefined(own_list.id, lists, str(folder / "codes" / name))
        lists[own_list.id] = own_list
    layers = dict(shipped.layers)
    for name, declared in _found(folder / "standards", "standard.yaml", "standard"):
        layer = read_layer(declared, folder / "standards" / Path(name).parent, str(folder / "standards" / name))
        _refuse_dropping(layer)
        _refuse_unmapped(layer, lists)
        _refuse_bad_shape(declared, "standard", layer.file)
        _refuse_redefined(layer.id, layers, layer.file)
        layers[layer.id] = layer
        listed = list(declared.get("rules", ()))
        own = [rule for rule in own if not any(fnmatch.fnmatchcase(rule, pattern) for pattern in listed)]
    return Library(layers, rules, lists, tuple(own))


def _found(folder: Path, ending: str, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if folder.is_dir():
        try:
            loaded = content.load_folder(folder)
        except OSError as error:
            raise ContentError("content-syntax", file=str(error.filename or folder), what=error.strerror or str(error)) from error
        for name, declared in loaded.items():
            if name.endswith(ending):
                if not isinstance(declared, Mapping):
                    raise ContentError("content-syntax", file=str(folder / name), what="not a mapping")
                # What has the right types can be read, and then says better what it lacks.
                _refuse_bad_shape(declared, kind, str(folder / name), ("type",))
                yield name, declared


def _refuse_bad_shape(declared: Mapping[str, Any], kind: str, file: str, keywords: tuple[str, ...] = ()) -> None:
    """A content file of the user's is written as ours are; what it may leave out is for its reader to say.

    `keywords`: only what is wrong by one of these.
    """
    import jsonschema

    validator = jsonschema.Draft202012Validator(content.load(f"schemas/{kind}.schema.json"))
    found = (error for error in validator.iter_errors(declared) if error.validator != "required" or error.absolute_path)
    errors = [error for error in found if not keywords or error.validator in keywords]
    if errors:
        first = jsonschema.exceptions.best_match(errors)
        where = "/".join(str(part) for part in first.absolute_path) or "/"
        raise ContentError("content-shape", file=file, place=where, what=first.message[:200], schema=f"schemas/{kind}.schema.json")


def _refuse_redefined(name: str, known: Mapping[str, Any], file: str) -> None:
    if name in known:
        raise ContentError("id-redefined", id=name, file=file, line=line_of(file, name))


def line_of(file: str, text: str) -> int:
    """The first line of a content file that holds a text, to name the place of a refusal; 1 where it cannot be read."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return 1
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)


def _resolve(library: Library, name: str) -> Standard:
    chain = _chain(library, name)
    rules: dict[str, Rule] = {}
    lists: dict[str, CodeList] = dict(library.lists)
    overlays = []
    for layer in chain:
        _add_rules(layer, library, rules)
        _raise_severities(layer, rules)
        for list_id, additions in layer.declared.get("codes", {}).items():
            lists[list_id] = _add_codes(layer, list_id, additions, lists)
        overlay = layer.declared.get("overlay")
        if overlay and layer.folder:
            overlays.append((layer.id, _read_overlay(layer.folder / str(overlay))))
    return Standard(name, tuple(chain), rules, lists, tuple(overlays), library is _shipped())


def _add_codes(layer: Layer, name: str, additions: list[Mapping[str, Any]], lists: Mapping[str, CodeList]) -> CodeList:
    if name not in lists:
        raise ContentError("unknown-list", file=layer.file, list=name, line=line_of(layer.file, name))
    try:
        return add_codes(lists[name], additions, layer.id)
    except ContentError as error:
        line = line_of(layer.file, str(error.arguments.get("code", name)))
        raise ContentError(error.key, **error.arguments, file=layer.file, line=line) from error


def _read_overlay(path: Path) -> Mapping[str, Any]:
    found = content.load_file(path)
    if not isinstance(found, Mapping):
        raise ContentError("content-syntax", file=str(path), what="not a mapping")
    return found


def _chain(library: Library, name: str) -> list[Layer]:
    """The layers from the root to `name`; a circle or an unknown name is refused."""
    chain: list[Layer] = []
    current = name
    while current:
        if current in [layer.id for layer in chain]:
            path = " → ".join([*(layer.id for layer in chain), current])
            raise ContentError("layer-circle", id=name, path=path, file=chain[-1].file, line=line_of(chain[-1].file, "extends"))
        layer = library.layers.get(current)
        if layer is None:
            raise ContentError("unknown-standard", id=current, known=sorted(library.layers))
        chain.append(layer)
        current = layer.extends
    chain.reverse()
    if library.own_rules:
        chain.append(_local_layer(library, name))
    return chain


def _local_layer(library: Library, below: str) -> Layer:
    title = {"zh": "本目录的规则", "en": "Rules of this directory"}
    declared = {"id": LOCAL, "version": "1", "title": title, "rules": list(library.own_rules)}
    return Layer(LOCAL, "1", title, Source("govdata", state="own"), below, declared, None, "")


def _refuse_dropping(layer: Layer) -> None:
    """A layer has no way to leave out a rule: neither a list of such rules nor a severity like `off`."""
    unknown = [str(name) for name, severity in layer.declared.get("severities", {}).items() if severity not in SEVERITIES]
    for name in [*({"drop", "without"} & set(layer.declared)), *unknown]:
        raise ContentError("rule-dropped", file=layer.file, layer=layer.id, line=line_of(layer.file, name))


def _refuse_unmapped(layer: Layer, lists: Mapping[str, CodeList]) -> None:
    """A new code must be mapped (`broader`); a code that is there already may get further labels without."""
    for name, additions in layer.declared.get("codes", {}).items():
        for item in additions if name in lists else ():
            code = str(item.get("code", ""))
            if not item.get("broader") and not item.get("also") and code not in lists[name].codes:
                raise ContentError("code-unmapped", list=name, code=code, layer=layer.id, file=layer.file, line=line_of(layer.file, code))


def _add_rules(layer: Layer, library: Library, rules: dict[str, Rule]) -> None:
    for pattern in layer.declared.get("rules", ()):
        fits = _fits(str(pattern))
        names = [str(pattern)] if pattern in library.rules else [name for name in library.rules if fits(name)]
        if not names:
            raise ContentError("unknown-rule", file=layer.file, id=pattern, line=line_of(layer.file, str(pattern)))
        for name in names:
            if name not in rules:
                rules[name] = replace(library.rules[name], layer=layer.id)


def _fits(pattern: str) -> Callable[[str], object]:
    """Whether an id is meant: `fnmatch`, which need not compile anything for an id or the beginning of ids."""
    start = pattern.removesuffix("*")
    if set(start).isdisjoint("*?["):
        return (lambda name: name.startswith(start)) if start != pattern else start.__eq__
    return re.compile(fnmatch.translate(pattern)).match


def _raise_severities(layer: Layer, rules: dict[str, Rule]) -> None:
    for name, severity in layer.declared.get("severities", {}).items():
        line = line_of(layer.file, str(name))
        rule = rules.get(name)
        if rule is None:
            raise ContentError("unknown-rule", file=layer.file, id=name, line=line)
        if SEVERITIES.index(severity) < SEVERITIES.index(rule.severity):
            raise ContentError("severity-lowered", file=layer.file, id=name, severity=severity, line=line)
        if severity != rule.severity:
            rules[name] = replace(rule, severity=severity, layer=layer.id)


def named_standard(written: object) -> str:
    """The standard that an entry as written names; empty where it names none."""
    if not isinstance(written, Mapping):
        return ""
    return str(written.get("standard") or written.get("标准") or "").removeprefix("urn:govdata:standards:")
