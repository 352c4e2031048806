"""Plans and outcomes for people: as text for a terminal, as Markdown for a pull request."""

from __future__ import annotations

import html
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from govdata.checks.personal import scrub
from govdata.messages import text
from govdata.publishing.outcome import Outcome, Result
from govdata.publishing.plan import SIGNS, Change, Difference, Load, Plan, Reason
from govdata.zones import zone_title

LONGEST = 80
"""Characters of a value that are shown."""

BEFORE = 20
"""Characters that are shown before the place at which two values differ that look alike."""

MANY = 200
"""So many changes of one kind are shown one by one; all of those by which something is lost are."""

LOSING = ("withdraw", "delete", "conflict")

HIDDEN = ("govdata_digest",)
"""Fields that say nothing to people."""

MARKDOWN_LONGEST = 60_000
"""Characters of a comment that the usual forges take, with room to spare."""


def plan_text(plan: Plan, language: str) -> Iterator[str]:
    """The plan, line by line: what is to be done first, then the counts."""
    yield _say("plan-head", language, target=plan.target.name, url=plan.target.url, zone=zone_title(plan.target.zone))
    yield from _organisations(plan, language)
    shown = Counter[str]()
    for change in plan.changes:
        if change.action != "keep" or change.notes:
            shown[change.action] += 1
            if shown[change.action] <= MANY or change.action in LOSING:
                yield from _change(change, language)
    for action, count in shown.items():
        if count > MANY and action not in LOSING:
            yield _say("more-changes", language, sign=SIGNS[action], action=_say(f"action-{action}", language), count=f"{count - MANY:,}")
    yield from (f"! {reason.message}" for reason in plan.notes)
    if plan.pages:
        yield _say("pages", language, count=plan.pages)
    if plan.over:
        yield _say("over-max-delete", language, over=plan.over, most=plan.max_delete)
    yield _say("plan-nothing" if plan.is_empty else "plan-counts", language, counts=_counts(plan, language))
    yield from _links(plan, language)


def _organisations(plan: Plan, language: str) -> Iterator[str]:
    for item in plan.organisations:
        yield _say(f"organisation-{item.action}", language, name=item.name, title=item.title)


def _links(plan: Plan, language: str) -> Iterator[str]:
    if plan.ends_links:
        yield _say("links-change", language)


def _change(change: Change, language: str) -> Iterator[str]:
    name = _say(f"action-{change.action}", language)
    yield f"{SIGNS[change.action]} {name} {change.code} {scrub(change.title)}" + (f" → {change.name}" if change.name else "")
    for reason in (*change.reasons, *change.notes):
        yield f"    · {_reason(reason)}"
        if reason.help and reason in change.reasons:
            yield f"      {reason.help}"
    for difference in change.differences:
        if difference.field not in HIDDEN:
            old, new = _values(difference, language)
            yield f"    {difference.field}: {old} → {new}"
    yield from (f"    {_load(load, language)}" for load in change.loads)
    yield from (f"    {_say('removal', language, file=removal.key)}" for removal in change.removals)


def _reason(reason: Reason) -> str:
    cited = f" [{reason.source}]" if reason.source else ""
    return f"{reason.message}{cited} ({reason.rule})"


def _values(difference: Difference, language: str) -> tuple[str, str]:
    """What is there and what is to be. Where both look alike, from shortly before the place at which they differ, blanks and all."""
    old, new = difference.old, difference.new
    shown = _value(old, language), _value(new, language)
    if _look(shown[0]) != _look(shown[1]):
        return shown
    texts = _text(old), _text(new)
    same = next((place for place, (one, other) in enumerate(zip(*texts, strict=False)) if one != other), min(map(len, texts)))
    start = max(0, same - BEFORE)
    return _exact(texts[0], start), _exact(texts[1], start)


def _value(value: Any, language: str) -> str:
    if value in (None, ""):
        return _say("nothing", language)
    if isinstance(value, bool):
        return _say("yes" if value else "no", language)
    shown = " ".join(_text(value).split())
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _look(shown: str) -> str:
    """What can be seen of a text."""
    return "".join(filter(str.isprintable, unicodedata.normalize("NFC", shown)))


def _exact(value: str, start: int) -> str:
    """A part of a text in quotation marks, with ends of line and whatever else cannot be seen as `\\n`, `\\u200b`."""
    part = value[start : start + LONGEST]
    shown = "".join(
        character if character.isprintable() and not unicodedata.combining(character) else ascii(character)[1:-1] for character in part
    )
    return f"“{'…' if start else ''}{shown}{'…' if len(value) > start + LONGEST else ''}”"


def _load(load: Load, language: str) -> str:
    what = "load-both" if load.file and load.table else "load-file" if load.file else "load-table"
    rows = "" if load.rows is None else f"{load.rows:,}"
    return _say(what if rows or not load.table else f"{what}-uncounted", language, file=load.key, size=size_text(load.size), rows=rows)


def size_text(size: int) -> str:
    """Bytes as people read them: `1.2 MiB`."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError("the last unit takes everything")


def _counts(plan: Plan, language: str) -> str:
    return " · ".join(f"{_say(f'action-{action}', language)} {count}" for action, count in plan.counts().items())


def plan_markdown(plan: Plan, language: str) -> str:
    """The plan for a pull request: a table of what is to be done, details folded, nothing that a value could turn into markup."""
    head = _say("plan-head", language, target=plan.target.name, url=plan.target.url, zone=zone_title(plan.target.zone))
    lines = [f"### {_plain(head)}", "", f"{_counts(plan, language)}", ""]
    ahead = [f"- {_plain(line)}" for line in (*_organisations(plan, language), *_links(plan, language))]
    lines += [*ahead, ""] if ahead else []
    # What is too long is cut at its end: that by which something is lost comes first.
    shown = sorted((change for change in plan.changes if change.action != "keep"), key=lambda change: change.action not in LOSING)
    if shown:
        columns = [_say(key, language) for key in ("column-action", "column-code", "column-title", "column-what")]
        lines += ["| " + " | ".join(columns) + " |", "|---|---|---|---|"]
        lines += [_markdown_row(change, language) for change in shown]
        lines += ["", f"<details><summary>{_say('details', language)}</summary>", ""]
        for change in shown:
            first, *others = _change(change, language)
            lines += [f"- {_plain(first)}", *(f"  - {_plain(line)}" for line in others)]
        lines += ["", "</details>"]
    lines += [f"- {_plain(reason.message)}" for reason in plan.notes]
    lines += [_say("pages", language, count=plan.pages)] if plan.pages else []
    if plan.over:
        lines.append(f"- {_say('over-max-delete', language, over=plan.over, most=plan.max_delete)}")
    return _cut("\n".join(lines) + "\n", language)


def _markdown_row(change: Change, language: str) -> str:
    reasons = [reason.message for reason in change.reasons]
    fields = [difference.field for difference in change.differences if difference.field not in HIDDEN]
    loads = [_load(load, language) for load in change.loads]
    what = "; ".join([*reasons, *([_say("fields", language, fields=fields[:6])] if fields else []), *loads])
    cells = [f"{SIGNS[change.action]} {_say(f'action-{change.action}', language)}", change.code, scrub(change.title), what]
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(value: str) -> str:
    """A text in Markdown that stays a text."""
    kept = html.escape(" ".join(value.split()), quote=False)
    for character in "\\`*_[]|#@~":
        kept = kept.replace(character, f"&#{ord(character)};")
    return kept


def _cut(markdown: str, language: str) -> str:
    if len(markdown) <= MARKDOWN_LONGEST:
        return markdown
    kept = markdown[:MARKDOWN_LONGEST].rpartition("\n")[0]
    closed = "\n\n</details>\n" if "<details>" in kept else "\n"
    return f"{kept}{closed}\n{_say('cut', language)}\n"


def outcome_text(outcome: Outcome, language: str) -> Iterator[str]:
    """What came of a plan: what went wrong by itself, what was done as counts."""
    for name, status, why in outcome.organisations:
        if status != "done":
            yield f"! {name}: {why.message if why else status}"
    for result in outcome.results:
        if result.status != "done":
            yield _failed(result, language)
        yield from (f"  · {reason.message}" for reason in result.remains)
    if outcome.kept:
        yield _say("kept-foreign", language, paths=outcome.kept[:10])
    counts = " · ".join(f"{_say(f'status-{status}', language)} {count}" for status, count in sorted(outcome.counts().items()))
    yield _say("outcome-counts", language, counts=counts or "0", seconds=f"{outcome.seconds:.1f}")


def _failed(result: Result, language: str) -> str:
    change = result.change
    why = f": {result.why.message}" if result.why else ""
    said = f"{_say(f'status-{result.status}', language)} {_say(f'action-{change.action}', language)}"
    return f"! {said} {change.code} {scrub(change.title)}{why}"


def outcome_markdown(outcome: Outcome, language: str) -> str:
    """What came of a plan, for a comment."""
    head = _say("plan-head", language, target=outcome.target.name, url=outcome.target.url, zone=zone_title(outcome.target.zone))
    return _cut(
        "\n".join([f"### {_plain(head)}", "", *(f"- {_plain(line.strip())}" for line in outcome_text(outcome, language))]) + "\n", language
    )


_COLOURS = {"+": "32", "^": "32", "~": "36", "-": "1;31", "x": "1;31", "!": "33", "?": "1;31"}
"""Sign of a line → its style on a terminal."""


def painted(line: str) -> tuple[str, int]:
    """The style of the sign and the word that a line of a plan or an outcome begins with, and how many characters they take."""
    words = line.split(" ", 2)
    is_signed = words[0] in _COLOURS and len(words) > 1
    return (_COLOURS[words[0]], len(words[0]) + 1 + len(words[1])) if is_signed else ("", 0)


def _say(key: str, language: str, **args: object) -> str:
    return text(f"publish.{key}", language, args)
