"""The type of a column: what every one of its values proves, never what most of them look like."""

from __future__ import annotations

from collections.abc import Mapping

from govdata.classes import dataclass, replace
from govdata.drafting.forms import DATES, DIGITS, DateForm
from govdata.drafting.names import ends, ends_with, words
from govdata.drafting.profiles import Profile
from govdata.messages import template

TEXT, WHOLE, NUMBER = "C", "I", "N"
DAY, INSTANT, TRUTH = "D", "T", "L"
TRUTHS = (frozenset(("是", "否")), frozenset(("true", "false")), frozenset(("True", "False")), frozenset(("TRUE", "FALSE")))
SURE = 20
"""Values from which eight digits that are all days of the calendar are days, whatever their column is called."""

Remark = tuple[str, Mapping[str, object]]
"""A key of the area `draft` and its arguments."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a column, and what is to be said of how it was found."""

    type: str
    format: str = ""
    length: int | None = None
    precision: int | None = None
    missing: tuple[str, ...] = ()
    """Words that stand for no value."""
    remarks: tuple[Remark, ...] = ()


def kind_of(profile: Profile) -> Kind:
    """The type that all values of a column prove."""
    if not profile.values:
        return Kind(TEXT, remarks=(("kind-empty", {}),))
    if profile.families and set(profile.families) != {"text"}:
        return _with_absent(profile) or _of_cells(profile)
    return _with_absent(profile) or _of_texts(profile)


def _with_absent(profile: Profile) -> Kind | None:
    """The type of the values without the words that stand for none, where it is not text."""
    absent = profile.absent
    count = sum(absent.values())
    if not count or count == profile.values:
        return None
    texts = None if profile.texts is None else {text: number for text, number in profile.texts.items() if text not in absent}
    if set(profile.families) - {"text"}:
        if profile.families.get("text", 0) != count:
            return None
        families = {name: number for name, number in profile.families.items() if name != "text"}
        found = _of_cells(replace(profile, values=profile.values - count, texts=texts, families=families))
    else:
        found = _of_texts(replace(profile, values=profile.values - count, texts=texts))
    if found.type == TEXT:
        return None
    told = tuple(_told(number, {"zh": f"“{word}”", "en": f"“{word}”"}) for word, number in absent.items())
    return replace(found, missing=tuple(sorted(absent)), remarks=(*found.remarks, ("kind-absent", {"words": told})))


def text_kind(profile: Profile, *remarks: Remark) -> Kind:
    """Text, as long as the longest value."""
    return Kind(TEXT, length=profile.longest or None, remarks=remarks)


def _of_cells(profile: Profile) -> Kind:
    """The type of cells that have one of their own."""
    families = set(profile.families)
    if families == {"boolean"}:
        return Kind(TRUTH)
    if families <= {"integer", "double", "decimal"}:
        return _of_numbers(profile, families)
    if families <= {"date", "midnight"}:
        return Kind(DAY)
    if families <= {"date", "midnight", "instant"}:
        return Kind(INSTANT)
    if families == {"time"} and profile.proves("clock"):
        return Kind("time")
    told = [_told(count, template(f"draft.family-{name}")) for name, count in sorted(profile.families.items())]
    return text_kind(profile, ("kind-mixed", {"kinds": tuple(told)}))


def _of_numbers(profile: Profile, families: set[str]) -> Kind:
    if ends_with(profile.label, "identifiers"):
        return text_kind(profile, ("kind-stored-as-number", {}))
    if families == {"integer"} and profile.longest <= DIGITS:
        return Kind(WHOLE)
    if families == {"integer"}:
        return text_kind(profile, ("kind-many-digits", {"count": profile.longest}))
    return _number(profile) if profile.proves("decimal") else Kind(NUMBER)


def _number(profile: Profile) -> Kind:
    return Kind(NUMBER, length=profile.whole + profile.fraction, precision=profile.fraction)


def _of_texts(profile: Profile) -> Kind:
    texts = profile.texts
    if texts is not None and frozenset(texts) in TRUTHS:
        return Kind(TRUTH)
    dated = next((form for form in DATES if profile.proves(form.id)), None)
    if dated is not None and (dated.id != "date-digits" or _is_named_day(profile) or profile.values >= SURE):
        return Kind(dated.type, dated.format, remarks=(("kind-digits-day", {}),) if dated.id == "date-digits" else ())
    if profile.proves("month"):
        return Kind("yearmonth")
    if profile.proves("clock"):
        return Kind("time")
    if profile.proves("whole"):
        return text_kind(profile, ("kind-named", {})) if ends_with(profile.label, "identifiers") else Kind(WHOLE)
    if profile.proves("decimal"):
        return text_kind(profile, ("kind-named", {})) if ends_with(profile.label, "identifiers") else _number(profile)
    return text_kind(profile, *_why_text(profile))


def _is_named_day(profile: Profile) -> bool:
    return ends(profile.label, words()["dates"])


def _why_text(profile: Profile) -> list[Remark]:
    """Why what looks like a number or a day is text."""
    passing = profile.passing
    found: list[Remark] = []
    if passing.get("zeros") and profile.proves("digits"):
        found.append(("kind-zeros", {"count": passing["zeros"]}))
    elif profile.proves("digits"):
        found.append(("kind-many-digits", {"count": profile.longest}))
    if passing.get("grouped"):
        found.append(("kind-grouped", {"count": passing["grouped"]}))
    if passing.get("power"):
        found.append(("kind-power", {"count": passing["power"]}))
    dates = _date_forms(profile)
    numbers = passing.get("decimal", 0)
    if dates and sum(count for _, count in dates) >= 0.5 * profile.values:
        told = tuple(_told(count, {"zh": f" {form.example}", "en": form.example}) for form, count in dates)
        rest = profile.values - sum(count for _, count in dates)
        found.append(("kind-dates-rest", {"kinds": told, "rest": f"{rest:,}"}) if rest > 0 else ("kind-dates", {"kinds": told}))
    elif numbers and not profile.proves("digits") and 0.5 * profile.values <= numbers < profile.values:
        found.append(("kind-some-numbers", {"count": numbers, "total": profile.values}))
    return found


def _date_forms(profile: Profile) -> list[tuple[DateForm, int]]:
    """The ways in which days are written, with how many values are written so and not in a way that it holds too."""
    found, within = [], {"date-dash": "date-iso"}
    for form in DATES:
        count = profile.passing.get(form.id, 0) - profile.passing.get(within.get(form.id, ""), 0)
        if count > 0 and form.id != "date-digits":
            found.append((form, count))
    return found


def _told(count: int, kind: Mapping[str, str]) -> Mapping[str, str]:
    return {"zh": f"{count:,} 个{kind['zh']}", "en": f"{count:,} {kind['en']}"}
