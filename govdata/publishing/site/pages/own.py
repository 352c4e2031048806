"""A portal's own templates, looked over before a site is built: those too that this build would not fill in."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

import jinja2.meta

from govdata.errors import PublishError
from govdata.publishing.site.pages import templates
from govdata.publishing.site.pages.datasets import dataset_pages
from govdata.publishing.site.pages.frame import settings
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Party, Record

_TEMPLATE = re.compile(r"[^.].*\.html?(?:\.txt)?", re.IGNORECASE | re.DOTALL)
"""Names of files that are meant as templates. Some editors write `.txt` behind them, and some systems hidden files beside them."""

_WITHDRAWN = Record("0", "0", "0", Party("0", "0"), "withdrawn")
"""All that is known of a dataset of which only the history tells."""


def refuse_unfit(portal: Portal) -> None:
    """`PublishError` for one that cannot be compiled, or that stands for none of ours and that no other uses.

    The page of what was withdrawn is filled in, as most builds have none.
    """
    if portal.templates is None:
        return
    own = sorted(
        path.relative_to(portal.templates).as_posix()
        for path in portal.templates.rglob("*")
        if _TEMPLATE.fullmatch(path.name) and path.is_file()
    )
    for setting in settings(portal):
        for name in own:
            setting.template(name)
    _refuse_unused(portal.templates, own)
    for _ in dataset_pages(_WITHDRAWN, portal, {}):
        pass


def _refuse_unused(folder: Path, own: list[str]) -> None:
    environment = templates.environment(folder)
    used: set[str | None] = {*templates.names()}
    for name in own:
        source = (folder / name).read_text(encoding="utf-8-sig")
        used.update(jinja2.meta.find_referenced_templates(environment.parse(source)))
    unused = [name for name in own if name not in used]
    # `None`: one template reckons the name of another.
    if unused and None not in used:
        close = get_close_matches(unused[0].rpartition("/")[2].lower(), templates.names(), n=3)
        raise PublishError("site-template-name", file=str(folder / unused[0]), close=close or list(templates.names()))
