"""A draft as text for people: where it was written, what is to be filled in and by which clause, what to note in the data."""

from __future__ import annotations

from collections.abc import Iterator

from govdata.drafting.drafting import Draft, Note
from govdata.drafting.marks import Mark
from govdata.messages import text as word

MOST = 50
"""Notes that are told."""


def draft_text(done: Draft, language: str) -> Iterator[str]:
    """The lines."""
    if done.text:
        args = {"path": str(done.output), "resources": done.resources, "fields": done.fields, "rows": f"{done.rows:,}"}
        yield word("draft.made" if done.output is None else "draft.written", language, args)
    for key, notes in (("unread", done.unread), ("notes", done.notes)):
        if notes:
            yield word(f"draft.{key}", language)
        for note in notes[:MOST]:
            yield from _note(note, language)
        if len(notes) > MOST:
            yield word("convert.findings-more", language, {"count": len(notes) - MOST})
    if not done.text:
        yield word("draft.nothing", language)
        return
    if done.marks:
        yield word("draft.marks", language, {"count": len(done.marks)})
    for mark in done.marks:
        yield mark_text(mark, language)
    if done.output is not None:
        yield word("draft.next", language, {"path": str(done.output)})


def _note(note: Note, language: str) -> Iterator[str]:
    place = word("draft.place", language, {"row": note.row}) if note.row else ""
    yield word("draft.note", language, {"file": note.file, "place": place, "message": note.message})
    if note.help:
        yield f"    {note.help}"


def mark_text(mark: Mark, language: str) -> str:
    """One marked place with the clause behind it."""
    args = {"line": mark.line, "key": mark.key, "help": mark.help.rstrip("。."), "source": source_text(mark, language)}
    return word("draft.mark" if mark.severity == "error" else "draft.mark-optional", language, args)


def source_text(mark: Mark, language: str) -> str:
    """The document and clause of a mark's rule, and how well that is known."""
    source = mark.source
    if source is None or source.state == "own":
        return word("draft.source-own", language)
    named = " ".join(part for part in (source.document, source.clause) if part)
    return named if source.state == "sourced" else word("draft.source-unverified", language, {"document": named})
