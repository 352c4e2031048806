"""govdata: an open-data catalog and standards-validation toolkit for government departments.

`validate(path) -> Report` is the main job; every command of the command line has its twin here. Names are loaded when they
are first used, so that `import govdata` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in typing, whose import would take longer than answering the version
if TYPE_CHECKING:
    from typing import Any

    from govdata.conversion.converting import Conversion as Conversion
    from govdata.conversion.converting import convert as convert
    from govdata.drafting.drafting import Draft as Draft
    from govdata.drafting.drafting import draft as draft
    from govdata.editors import editor_schema as editor_schema
    from govdata.errors import GovdataError as GovdataError
    from govdata.explaining import explain as explain
    from govdata.explaining import standards as standards
    from govdata.formats.files import write_file as write_file
    from govdata.marking.marking import mark as mark
    from govdata.settings import Settings as Settings
    from govdata.validation import validate as validate
    from govdata.values import Cause as Cause
    from govdata.values import DatasetReport as DatasetReport
    from govdata.values import Finding as Finding
    from govdata.values import Report as Report
    from govdata.values import Skipped as Skipped
    from govdata.values import Source as Source

__version__ = "0.1.0"

_HOMES = {
    "Cause": "values",
    "Conversion": "conversion.converting",
    "DatasetReport": "values",
    "Draft": "drafting.drafting",
    "Finding": "values",
    "GovdataError": "errors",
    "Report": "values",
    "Settings": "settings",
    "Skipped": "values",
    "Source": "values",
    "convert": "conversion.converting",
    "draft": "drafting.drafting",
    "editor_schema": "editors",
    "explain": "explaining",
    "mark": "marking.marking",
    "standards": "explaining",
    "validate": "validation",
    "write_file": "formats.files",
}

__all__ = sorted([*_HOMES, "__version__"])  # noqa: PLE0605 - one table for names and their homes


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'govdata' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"govdata.{home}"), name)


def __dir__() -> list[str]:
    return list(__all__)
