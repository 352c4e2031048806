"""Where the reference pages are, and which of them there are."""

from __future__ import annotations

from collections.abc import Mapping

from govdata.codes import CodeList
from govdata.errors import PublishError
from govdata.expressions import expression
from govdata.publishing.site.addresses import slug
from govdata.publishing.site.portal import Portal
from govdata.reading.paths import DEVICE
from govdata.rules import Rule
from govdata.standards import read_library

GATE = "gate/"

_PLAIN = expression(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RULE = expression(r"[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*")


def _name(identifier: str) -> str:
    return identifier if _PLAIN.fullmatch(identifier) and not DEVICE.match(identifier) else slug(identifier)


def code_list(identifier: str) -> str:
    """The folder of a code list's pages."""
    return f"codes/{_name(identifier)}"


def standard(identifier: str) -> str:
    """The page of a standard."""
    return f"standards/{_name(identifier)}.html"


def rule(identifier: str) -> str:
    """The page of a rule."""
    is_plain = _RULE.fullmatch(identifier) and not any(map(DEVICE.match, identifier.split("/")))
    return f"rules/{identifier if is_plain else slug(identifier)}.html"


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
    """The page of a rule, if it is a rule of ours or of the portal's standards; else nothing.

    What a dataset is told about is a rule of the standard that it is held against, and that has its pages: also where the portal
    of a dataset's own pages does not know the standards.
    """
    known = identifier in read_library().rules or any(identifier in each.rules for each in portal.standards.values())
    return rule(identifier) if known else ""


def known_list(identifier: str, portal: Portal) -> str:
    """The first page of a code list; nothing where the portal has lists and this is none of them."""
    return f"{code_list(identifier)}/index.html" if identifier in portal.code_lists or not portal.code_lists else ""


def words_of_list(identifier: str, portal: Portal) -> CodeList | None:
    """A code list, to tell its words: as the portal has it, else as we ship it."""
    return portal.code_lists.get(identifier) or read_library().lists.get(identifier)
