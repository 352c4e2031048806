"""An address that CKAN's own pages ask for in Chinese and that CKAN 2.12 does not have.

Its script makes the locale from the language of the page and changes only the first of two hyphens (`zh-Hans-CN`: `zh_Hans-CN`).
The answer is 400, and then no script of any page starts: no tag box, no preview, no added row in a form.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, url_for

LOCALES = ("zh_Hans_CN", "zh_Hant_TW")


def blueprint() -> Any:
    """The addresses as CKAN's script writes them, sent on to those that CKAN has."""
    found = Blueprint("govdata", __name__)
    for locale in LOCALES:
        language, _, rest = locale.partition("_")
        found.add_url_rule(f"/api/i18n/{language}_{rest.replace('_', '-')}", locale.lower(), _to(locale))
    return found


def _to(locale: str) -> Any:
    def send_on() -> Any:
        return redirect(url_for("api.i18n_js_translations", lang=locale))

    return send_on
