"""What data is held against, to be read: standards, and rules with their reasons and examples."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

from govdata import explaining, messages
from govdata.classes import dataclass
from govdata.publishing.site.pages import places
from govdata.publishing.site.pages.basis import basis, reference
from govdata.publishing.site.pages.frame import Link, Page, Setting, render
from govdata.publishing.site.pages.lists import Part
from govdata.rules import Rule
from govdata.standards import Layer
from govdata.values import Severity

EXAMPLES = 4
"""Of each kind that are shown of a rule."""
LONGEST_EXAMPLE = 2000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Held:
    """A standard that asks for a rule, and how severely."""

    link: Link
    severity: Severity


@dataclass(frozen=True, slots=True)
class RuleLink:
    """A rule in a list."""

    id: str
    link: Link
    severity: Severity


def standard_pages(setting: Setting) -> Iterator[Part]:
    """The pages of standards and rules in one language."""
    yield from _standards(setting)
    yield from _rules(setting)


def layers(setting: Setting) -> dict[str, Layer]:
    """Every layer of the portal's standards, once."""
    return {layer.id: layer for standard in setting.portal.standards.values() for layer in standard.layers}


def _standards(setting: Setting) -> Iterator[Part]:
    found, told = layers(setting), _standards_told(setting)
    yield reference(setting, "standards/index.html", functools.partial(_standard_index, setting, tuple(found.values())), told)
    for layer in found.values():
        yield reference(setting, places.standard(layer.id), functools.partial(_standard, setting, layer), told)


def _standards_told(setting: Setting) -> object:
    """What tells the standards of a portal apart; nothing where they have rules of the user's own, whose texts it would not tell."""
    standards = setting.portal.standards.values()
    if any(Path(rule.file).is_absolute() for standard in standards for rule in standard.rules.values()):
        return None
    return [[standard.id, standard.digest] for standard in standards]


def _standard_index(setting: Setting, found: Sequence[Layer]) -> bytes:
    page = Page(setting, "standards/index.html", setting.words.word("standards"), section="standards")
    links = tuple(Link(page.label(layer.title), page.own(places.standard(layer.id)), layer.version) for layer in found)
    return render(page, "standards.html", {"standards": links})


def _standard(setting: Setting, layer: Layer) -> bytes:
    page = Page(setting, places.standard(layer.id), setting.label(layer.title), section="standards")
    in_force = {rule.id: rule for each in setting.portal.standards.values() for rule in each.rules.values() if rule.layer == layer.id}
    variables = {
        "standard": layer,
        "basis": basis(layer.declared.get("source", {}), setting.language),
        "extends": Link(layer.extends, page.own(places.standard(layer.extends))) if layer.extends in layers(setting) else None,
        "rules": tuple(_rule_link(rule, page) for rule in sorted(in_force.values(), key=lambda rule: rule.id)),
    }
    return render(page, "standard.html", variables)


def _rule_link(rule: Rule, page: Page) -> RuleLink:
    return RuleLink(rule.id, Link(page.label(rule.title), page.own(places.rule(rule.id))), rule.severity)


def _rules(setting: Setting) -> Iterator[Part]:
    found, told = places.rules(setting.portal), _standards_told(setting)
    yield reference(setting, "rules/index.html", functools.partial(_rule_index, setting, tuple(found.values())), told)
    for rule in found.values():
        yield reference(setting, places.rule(rule.id), functools.partial(_rule, setting, rule), told)


def _rule_index(setting: Setting, found: Sequence[Rule]) -> bytes:
    page = Page(setting, "rules/index.html", setting.words.word("rules"), section="standards")
    members: dict[str, list[RuleLink]] = {}
    for rule in found:
        members.setdefault(rule.id.partition("/")[0], []).append(_rule_link(rule, page))
    named = [(group, page.word(f"rules-{group}") if setting.words.has(f"rules-{group}") else group) for group in members]
    sections = tuple((group, name, tuple(members[group])) for group, name in named)
    return render(page, "rules.html", {"total": len(found), "sections": sections})


def _rule(setting: Setting, rule: Rule) -> bytes:
    title = setting.label(rule.title)
    page = Page(setting, places.rule(rule.id), f"{title} · {rule.id}", section="standards")
    held = []
    for standard in setting.portal.standards.values():
        asked = standard.rules.get(rule.id)
        if asked is not None:
            held.append(Held(Link(page.label(standard.layers[-1].title), page.own(places.standard(standard.id))), asked.severity))
    examples = explaining.examples(rule)
    variables = {
        "crumbs": (page.anchor(page.texts["rules"], page.own("rules/index.html")),),
        "rule": rule,
        "heading": title,
        "basis": basis(rule.basis, setting.language),
        "help": messages.render(rule.help, setting.language, {}),
        "held": tuple(held),
        "right": tuple(example[:LONGEST_EXAMPLE] for example in examples.get("pass", ())[:EXAMPLES]),
        "wrong": tuple(example[:LONGEST_EXAMPLE] for example in examples.get("fail", ())[:EXAMPLES]),
    }
    return render(page, "rule.html", variables)
