"""Where the reference pages are, and which of them there are."""

from __future__ import annotations

from collections.abc import Mapping

from govdata.errors import PublishError
from govdata.expressions import expression
from govdata.publishing.site.addresses import slug
from govdata.publishing.site.portal import Portal
from govdata.rules import Rule
from govdata.standards import read_library

GATE = "gate/"

_PLAIN = expression(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RULE = expression(r"[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*")


def _name(identifier: str) -> str:
    return identifier if _PLAIN.fullmatch(identifier) else slug(identifier)


def code_list(identifier: str) -> str:
    """The folder of a code list's pages."""
    return f"codes/{_name(identifier)}"


def standard(identifier: str) -> str:
    """The page of a standard."""
    return f"standards/{_name(identifier)}.html"


def rule(identifier: str) -> str:
    """The page of a rule."""
    return f"rules/{identifier if _RULE.fullmatch(identifier) else slug(identifier)}.html"


LOGOS = {".svg": "svg", ".png": "png", ".webp": "webp", ".jpg": "jpg", ".jpeg": "jpg", ".gif": "gif"}


def logo(portal: Portal) -> str:
    """The portal's logo; nothing where it has none."""
    if portal.logo is None:
        return ""
    kind = LOGOS.get(portal.logo.suffix.lower())
    if kind is None:
        raise PublishError("site-logo", path=str(portal.logo), known=sorted(LOGOS))
    return f"assets/logo.{kind}"


def rules(portal: Portal) -> Mapping[str, Rule]:
    """Every rule that has a page, by id: those of the portal's standards, and those of the gate, which stand above all standards."""
    shipped = read_library().rules.values()
    found = {each.id: each for each in shipped if each.id.startswith(GATE)}
    found |= {each.id: each for standard in portal.standards.values() for each in standard.rules.values()}
    return dict(sorted(found.items()))


def known_rule(identifier: str, portal: Portal) -> str:
    """The page of a rule if the site has one, else nothing."""
    return rule(identifier) if identifier in rules(portal) else ""


def known_list(identifier: str, portal: Portal) -> str:
    """The first page of a code list if the site has one, else nothing."""
    return f"{code_list(identifier)}/index.html" if identifier in portal.code_lists else ""
