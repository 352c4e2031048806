"""What a browser does with a form of a site: fill in what stands in it, and send it."""

from __future__ import annotations

import http.cookiejar
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lxml.html

Sent = list[tuple[str, str]]


class Browser:
    """A person who is logged in; with scripts or without."""

    def __init__(self, url: str, scripts: bool = True) -> None:
        self._url, self._scripts = url, scripts
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def form(self, path: str, holding: str) -> Sent:
        """What a browser sends of the form that has a certain control, where nobody changes it."""
        with self._opener.open(self._url + path, timeout=120) as answer:
            page = lxml.html.fromstring(answer.read().decode())
        (form,) = [form for form in page.forms if holding in form.fields.keys()]  # noqa: SIM118 - it has no other way to ask
        for pattern in form.xpath('.//div[@name="repeating-template"]') if self._scripts else ():
            pattern.getparent().remove(pattern)
        return [(name, "\r\n".join(value.splitlines())) for name, value in form.form_values()]

    def send(self, path: str, fields: Sent) -> str:
        """Send a form; gives the text of the page that follows."""
        mark = uuid.uuid4().hex
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "Referer": self._url + path}
        request = urllib.request.Request(self._url + path, f"{''.join(parts)}--{mark}--\r\n".encode(), headers)
        with self._opener.open(request, timeout=120) as answer:
            return str(answer.read().decode())

    def save(self, path: str, holding: str, button: tuple[str, str] = ("save", ""), **changed: str) -> str:
        """Open a form, change some of its fields, and send it."""
        sent = [(name, changed.pop(name, value)) for name, value in self.form(path, holding)]
        return self.send(path, [*sent, *changed.items(), button])


@contextmanager
def logged_in(site: Any, scripts: bool = True) -> Iterator[Browser]:
    """An administrator of the site at a browser; the account goes afterwards."""
    name, password = f"person-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    made = site.call("user_create", {"name": name, "email": f"{name}@example.org", "password": password})
    site.call("user_patch", {"id": made["id"], "sysadmin": True})
    try:
        browser = Browser(site.url, scripts)
        browser.save("/user/login", "password", login=name, password=password)
        yield browser
    finally:
        site.call("user_delete", {"id": made["id"]})
