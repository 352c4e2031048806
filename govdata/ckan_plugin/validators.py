"""Our rules as a validator of CKAN: over the whole dataset as it was typed or sent, before CKAN's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ckan import model
from ckan.lib.navl.dictization_functions import unflatten
from ckan.plugins import toolkit

from govdata.ckan_plugin import entries
from govdata.ckan_plugin.pages import language

SWITCH = "ckanext.govdata.validate"


def govdata_entry(key: Any, data: dict[Any, Any], errors: dict[Any, list[str]], context: Any) -> None:
    """Add what our rules of severity error find to the errors of the fields. Runs as scheming's `before_validators`."""
    _fill_in_provider(data)
    _fill_in_name(data)
    if not toolkit.config.get(SWITCH):
        return
    for remark in entries.remarks(_package(data), language(), date.today()):
        if remark.severity == "error":
            errors.setdefault(remark.field, []).append(remark.text)


def _package(data: Mapping[Any, Any]) -> dict[str, Any]:
    """The dataset as a nested dictionary, what was not sent left out."""
    sent = {key: value for key, value in data.items() if value is not toolkit.missing and not str(key[-1]).startswith("__")}
    found: dict[str, Any] = unflatten(sent)
    return found


def _fill_in_provider(data: dict[Any, Any]) -> None:
    """The organisation chosen in the form is the provider, where nobody typed another."""
    key, chosen = ("publisher_name",), data.get(("owner_org",))
    if data.get(key) in (None, "", toolkit.missing) and isinstance(chosen, str) and chosen:
        organisation = model.Group.get(chosen)
        if organisation is not None:
            data[key] = organisation.title or organisation.name


def _fill_in_name(data: dict[Any, Any]) -> None:
    """The name in the address, where nobody typed one: a title in Chinese gives none, the code does (`307001/000012`: `307001-000012`)."""
    key, code = ("name",), data.get(("identifier",))
    if data.get(key) in (None, "", toolkit.missing) and isinstance(code, str):
        name = re.sub("[^a-z0-9_]+", "-", code.lower()).strip("-")
        if 2 <= len(name) <= 100:
            data[key] = name


VALIDATORS = {"govdata_entry": govdata_entry}
