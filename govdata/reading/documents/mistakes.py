"""The mistakes that people make in YAML, recognised from what the parser stumbled over and said in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from govdata.expressions import expression
from govdata.values import Finding

_BREAK = expression("\r\n|[\n\r\x85\u2028\u2029]")
_KEY = r"[ ]*(?:- +)*(?P<key>[^\W\d][\w（）()、/·]{0,24})"
_FULL_WIDTH_COLON = expression(_KEY + "[ ]*：")
_NO_SPACE = expression(_KEY + r":(?=[^\s/\\:])")
_DASH = expression(r"[ ]*-(?=[^\s\d.-])(?P<key>)")
_TAB = expression(r"[ ]*\t")
_WIDE_INDENT = expression("[ ]*[\u3000\xa0]")
_QUOTED_COMMENT = expression(r"""(?:^|[ \t])#.*$|'(?:[^']|'')*'""")
_ALIAS = expression(r"(?:: |- )([*&])\w+ $")
_BRACKETS = expression(r"[^\[{]*[\[{].*，")


def split_lines(text: str) -> list[str]:
    """Lines as YAML 1.1 counts them, without their ends."""
    return _BREAK.split(text)


def explain(error: Any, lines: Sequence[str], file: str) -> Finding:
    """The finding for an error of either of PyYAML's parsers: what was done wrong, where, and what to do."""
    mark, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    if mark is None:
        return _finding(file, "other", 0, 0)
    problem = f"{error.problem or ''}"
    before = f"{error.context or ''}"
    named = _by_lines(lines, mark, context, problem) or _by_problem(lines, mark, context, problem, before)
    what, line, column = named
    return _finding(file, what, line, column, character=_character(lines, line, column), text=_shown(lines, line))


def _finding(file: str, what: str, line: int, column: int, **args: object) -> Finding:
    names = {"what": f"yaml-{what}", "advice": f"yaml-{what}-advice"}
    return Finding("yaml/syntax", file=file, line=line + 1, column=column + 1, args=names | args)


def _by_lines(lines: Sequence[str], mark: Any, context: Any, problem: str) -> tuple[str, int, int] | None:
    """A mistake that can be seen in the line at fault, or in the lines that were read together with it."""
    last = min(mark.line, len(lines) - 1)
    for number in _candidates(lines, last, context):
        line = lines[number]
        if _TAB.match(line):
            return "tab", number, line.index("\t")
        if _WIDE_INDENT.match(line):
            return "wide-space", number, len(line) - len(line.lstrip(" "))
        if found := _FULL_WIDTH_COLON.match(line):
            return "full-width-colon", number, found.end() - 1
        if found := _NO_SPACE.match(line):
            return "no-space", number, found.end() - 1
        if _BRACKETS.match(line) and re.search("but got|expected ','", problem):
            return "full-width-comma", number, line.index("，")
        if (found := _DASH.match(line)) and _ends_open(lines, number):
            first = next(above for above in range(number, -1, -1) if above == 0 or not _DASH.match(lines[above - 1]))
            return "dash", first, found.end() - 1
    return None


def _ends_open(lines: Sequence[str], number: int) -> bool:
    """Whether the nearest line above is a key without a value, or an item that is written in the same way."""
    above = next((line for line in reversed(lines[:number]) if line.strip()), "")
    return above.rstrip().endswith(":") or _DASH.match(above) is not None


def _candidates(lines: Sequence[str], last: int, context: Any) -> Iterator[int]:
    """The line at fault, the one where its construct begins, and the nearest line above that has text."""
    seen = [last]
    if context is not None and last - context.line <= 3:
        seen.append(context.line)
    above = last - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above >= 0:
        seen.append(above)
    yield from dict.fromkeys(number for number in seen if number < len(lines))


def _by_problem(lines: Sequence[str], mark: Any, context: Any, problem: str, before: str) -> tuple[str, int, int]:
    """A mistake named from the parser's own words; PyYAML's two parsers word it differently."""
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "quoted scalar" in before and "end of stream" in problem:
        return "unclosed-quote", context.line, context.column
    if "escape" in problem:
        return "escape", mark.line, mark.column
    if re.search("alias|anchor|tag", before) and context is not None:
        return "reserved-character", context.line, context.column
    odd = _odd_quote(lines, mark.line)
    if odd is not None:
        return "unclosed-quote", odd, lines[odd].index('"')
    if re.search("but got|stream end|expected ','|node content", problem) and "flow" in before and context is not None:
        return "unclosed-bracket", context.line, context.column
    if "cannot start any token" in problem:
        return ("tab" if line[mark.column : mark.column + 1] == "\t" else "reserved-character"), mark.line, mark.column
    if "mapping values" in problem:
        twice = len(re.findall(r":(?: |$)", line)) > 1
        return ("colon-in-value" if twice else "indentation"), mark.line, mark.column
    ended = re.search("<block end>|expected key|'-' indicator", problem) is not None
    if ended and (name := _ALIAS.search(line[: mark.column])):
        return "reserved-character", mark.line, name.start(1)
    if ended and line[: mark.column].rstrip().endswith(('"', "'")):
        return "text-after-quote", mark.line, mark.column
    if ended:
        return "indentation", mark.line, mark.column
    if "simple key" in before and context is not None:
        return "no-colon", context.line, context.column
    return "other", mark.line, mark.column


def _odd_quote(lines: Sequence[str], last: int) -> int | None:
    """The first line, up to the one at fault, in which a double quote stays open."""
    for number, line in enumerate(lines[: last + 1]):
        bare = _QUOTED_COMMENT.sub("", line.replace('\\"', ""))
        if bare.count('"') % 2 == 1:
            return number
    return None


def _character(lines: Sequence[str], line: int, column: int) -> str:
    text = lines[line] if line < len(lines) else ""
    return text[column] if column < len(text) else ""


def _shown(lines: Sequence[str], line: int) -> str:
    text = lines[line].strip() if line < len(lines) else ""
    return text if len(text) <= 40 else text[:39] + "…"


def near_misses(suspects: Sequence[tuple[str, int, int]], lines: Sequence[str], file: str) -> Iterator[Finding]:
    """Lines that look like `key: value` and that YAML reads as text, silently: a Chinese colon, or no space after colon or dash."""
    for pointer, first, last in suspects:
        for number in range(first, min(last, len(lines) - 1) + 1):
            for what, pattern in (("full-width-colon", _FULL_WIDTH_COLON), ("no-space", _NO_SPACE), ("dash", _DASH)):
                found = pattern.match(lines[number])
                if found:
                    args = {"what": f"yaml-{what}", "advice": f"yaml-{what}-advice", "key": found["key"]}
                    args["text"] = _shown(lines, number)
                    yield Finding("yaml/hidden-key", file=file, pointer=pointer, line=number + 1, column=found.end(), args=args)
                    break
