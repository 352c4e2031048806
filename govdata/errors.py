"""Errors: what is wrong with the call, the environment or us. What is wrong with the data is a finding (`values.Finding`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GovdataError(Exception):
    """An error with a message for the user, and perhaps a hint.

    `key` names a text in `catalog/messages` (area `error`), `args` fill it in; the sentence is made in the
    run's language by `messages.error_text`, so that no text stands in code.
    """

    exit_code = 3

    def __init__(self, key: str, /, **args: object) -> None:
        super().__init__(key, args)
        self.key = key
        self.arguments = args

    def __reduce__(self) -> tuple[Any, ...]:
        """It may have to go from one process to another."""
        return _bare, (type(self),), self.__dict__

    def __str__(self) -> str:
        return f"{self.key}: " + ", ".join(f"{name}={value}" for name, value in self.arguments.items())


def _bare(kind: type[GovdataError]) -> GovdataError:
    return kind.__new__(kind)


class SettingsError(GovdataError):
    """Options or `govdata.toml` are wrong, or a rule, list or layer of the user's is refused."""

    exit_code = 2


class ContentError(SettingsError):
    """A rule, code list, standard or schema breaks the rules for content."""


class ReadError(GovdataError):
    """What the user named cannot be opened."""


class EngineError(GovdataError):
    """A check could not run: a missing engine, a worker that died."""


class PublishError(GovdataError):
    """A plan that no longer fits, a conflict, a run that is under way: nothing was changed unseen."""


class SiteError(PublishError):
    """A site answered that it will not or cannot.

    `kind` is what a program decides by: refused · not-found · not-allowed · conflict · invalid · unavailable · not-ckan · limit ·
    redirect · certificate. `fields` holds CKAN's validation errors as they came; `unsure` says that a write may have been done;
    `said` names the text where one kind has several reasons.
    """

    exit_code = 4

    def __init__(
        self, kind: str, /, *, fields: Mapping[str, Any] | None = None, unsure: bool = False, said: str = "", **args: object
    ) -> None:
        super().__init__(f"site-{said or kind}", **args)
        self.kind = kind
        self.fields = dict(fields or {})
        self.unsure = unsure
