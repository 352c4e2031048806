"""What holds for a site as a whole: the words and looks of `[targets.site.NAME]`, the languages, the moment of the build."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from govdata.classes import dataclass, field
from govdata.codes import CodeList
from govdata.publishing.site.records import Label
from govdata.standards import Standard

LARGEST_LOGO = 256 * 1024
"""Bytes."""


@dataclass(frozen=True, slots=True)
class Portal:
    """A site. The same portal and the same records give the same bytes."""

    name: str
    """The target's name."""
    title: Label
    moment: datetime
    """Of the build, in UTC: `SOURCE_DATE_EPOCH`, else the newest date in the data. Never the clock."""
    zone: str = "internet"
    url: str = ""
    """Where it is served, without a slash at the end; empty: not known, so nothing absolute is written."""
    languages: tuple[str, ...] = ("zh-CN",)
    """Of the pages; the first stands at the root."""
    description: Label = Label("", "")
    owner: str = ""
    """Who runs the site."""
    contact: Mapping[str, str] = field(default_factory=dict)
    """`organisation`, `phone`, `email`, `address`: where a dataset names none of its own."""
    correction: Mapping[str, str] = field(default_factory=dict)
    """`url`, `phone`, `email`: where mistakes are reported, if the dataset names nowhere."""
    licence: str = ""
    """Where a dataset names none."""
    logo: Path | None = None
    colours: Mapping[str, str] = field(default_factory=dict)
    """Name of a colour of `catalog/site/styles` → CSS colour."""
    texts: Mapping[str, Label] = field(default_factory=dict)
    """Own wording, by key of `catalog/messages/site.yaml`."""
    templates: Path | None = None
    """A folder of templates that stand before ours, one by one."""
    safe_csv: bool = False
    """Offers a CSV besides in which no cell begins like a formula."""
    today: date | None = None
    """Where given, pages say what is overdue; else only when an update is due."""
    code_lists: Mapping[str, CodeList] = field(default_factory=dict)
    """Those that are shown: every list of the standards in use."""
    standards: Mapping[str, Standard] = field(default_factory=dict)
    """Those that published datasets are held against, with what they extend."""
