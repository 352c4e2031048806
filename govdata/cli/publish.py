"""`govdata publish`: check, ask the gate, plan, ask, apply."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import click

from govdata.cli.progress import Progress
from govdata.cli.streams import show, tell
from govdata.cli.usage import Command, Day
from govdata.errors import PublishError, SettingsError
from govdata.messages import text as word

if TYPE_CHECKING:
    from govdata.publishing.outcome import Outcome
    from govdata.publishing.plan import Plan

LEFT_OUT, NOT_DONE, TARGET_FAILED, CHANGES = 1, 3, 4, 5
PRECEDENCE = (NOT_DONE, TARGET_FAILED, LEFT_OUT, CHANGES)
"""Of several exit codes the first of these is given."""

JOBS = 4


def command(language: str) -> click.Command:
    """The command in a language."""
    return Command(
        language,
        "publish",
        callback=lambda **options: run(language, options),
        params=[
            click.Argument(["target"]),
            click.Argument(["path"], required=False, type=click.Path(path_type=Path)),
            *parameters(language),
        ],
    )


def parameters(language: str, without: Collection[str] = ()) -> list[click.Option]:
    """The options of a publication."""

    def option(name: str, **more: Any) -> click.Option:
        return click.Option([name], help=word(f"cli.publish-{name.lstrip('-')}", language), **more)

    every = [
        option("--plan", multiple=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE"),
        option("--apply", type=click.Path(path_type=Path, dir_okay=False), metavar="PLAN"),
        option("--check", is_flag=True),
        option("--exit-code", is_flag=True),
        option("--yes", is_flag=True),
        option("--max-delete", type=click.IntRange(0), metavar="N"),
        option("--only", multiple=True, metavar="CODE"),
        option("--take-over", is_flag=True),
        option("--previous", multiple=True, metavar="DIR|URL"),
        option("--today", type=Day(["%Y-%m-%d"]), metavar="YYYY-MM-DD"),
        option("--format", type=click.Choice(("text", "json", "markdown")), default="text"),
        option("--jobs", type=click.IntRange(1, 32), metavar="N"),
    ]
    return [item for item in every if item.name not in without]


def run(language: str, options: Mapping[str, Any]) -> int:
    """Plan, ask, apply; gives the exit code."""
    from govdata.publishing.outcome import Outcome
    from govdata.publishing.plan import loads

    _refuse_together(options)
    saved = loads(_read(options["apply"]), str(options["apply"])) if options["apply"] else None
    asked = {**options, "max_delete": saved.max_delete if saved else options["max_delete"] or 0}
    asked["take_over"] = saved.take_over if saved else options["take_over"]
    asked["only"] = saved.only if saved else options["only"]
    asked["saved"] = saved
    writes = not (options["check"] or options["plan"])
    with ExitStack() as stack, Progress(language) as progress:
        publication = stack.enter_context(_opened(options["target"], options["path"] or Path(), language, asked, writes))
        plan = publication.plan(progress.show)
        if saved is not None:
            publication.refuse_unfit(saved, str(options["apply"]))
        progress.clear()
        # What is printed for programs is one document: the plan, or what came of it.
        apart = writes and options["format"] == "json"
        _show_plan(plan, "text" if apart else options["format"], language, apart)
        for file in options["plan"]:
            _write(file, plan, language)
        outcome = None
        if writes and (not plan.is_empty or publication.is_unsettled):
            _confirm(plan, language, bool(options["yes"]) or plan.is_empty)
            # What was prepared is held to the end: Python need not look through it for circles again and again.
            gc.freeze()
            outcome = publication.apply(lambda number, name: progress.show(number, name, 0))
            progress.clear()
        if writes and (apart or not plan.is_empty or (outcome is not None and outcome.organisations)):
            _show_outcome(outcome or Outcome(plan, ()), options["format"], language)
    return exit_code(plan, outcome, bool(options["check"] or options["exit_code"]))


class Publication(Protocol):
    """A run for one target of any kind."""

    def plan(self, progress: Callable[[int, str, int], None]) -> Plan: ...
    def refuse_unfit(self, saved: Plan, file: str) -> None: ...
    @property
    def is_unsettled(self) -> bool: ...
    def apply(self, progress: Callable[[int, str], None]) -> Outcome: ...


def _opened(target: str, path: Path, language: str, options: Mapping[str, Any], writes: bool) -> AbstractContextManager[Publication]:
    """The publication to a target of the kind that its name begins with."""
    given = {"only": tuple(options["only"]), "max_delete": options["max_delete"], "saved": options["saved"]}
    if target.partition(":")[0] == "site":
        _refuse_unmeant(target, options, ("take_over",))
        from govdata.publishing.site.preparing import Asked as AskedSite
        from govdata.publishing.site.publication import open_publication as open_site

        today = options["today"].date() if options["today"] else None
        jobs = options["jobs"] or os.cpu_count() or 1
        return open_site(target, path, language, AskedSite(**given, jobs=jobs, previous=tuple(options["previous"]), today=today), writes)
    _refuse_unmeant(target, options, ("previous", "today"))
    # httpx draws in a command of its own, which takes a third of its time to import; without it, it does as if that were not installed.
    sys.modules.setdefault("httpx._main", cast(Any, None))
    from govdata.publishing.ckan.preparing import Asked
    from govdata.publishing.ckan.publication import open_publication

    return open_publication(target, path, language, Asked(**given, take_over=options["take_over"], jobs=options["jobs"] or JOBS), writes)


def _refuse_unmeant(target: str, options: Mapping[str, Any], names: tuple[str, ...]) -> None:
    """Options that say nothing for a kind of target."""
    for name in names:
        if options[name]:
            raise SettingsError("option-of-other-target", option=f"--{name.replace('_', '-')}", target=target)


def _refuse_together(options: Mapping[str, Any]) -> None:
    """Options that would contradict each other: what a saved plan does is said by the plan."""
    fixed = [name for name in ("plan", "check", "only", "take_over") if options[name]] + ["max_delete"] * (
        options["max_delete"] is not None
    )
    if options["apply"] and fixed:
        raise SettingsError("options-together", first="--apply", second=f"--{fixed[0].replace('_', '-')}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PublishError("no-such-path", path=str(path)) from error
    except UnicodeDecodeError as error:
        raise PublishError("plan-form", file=str(path), what=str(error)) from error


def _write(path: Path, plan: Plan, language: str) -> None:
    from govdata.publishing.plan import dumps
    from govdata.publishing.views import plan_markdown

    content = plan_markdown(plan, language) if path.suffix.lower() in (".md", ".markdown") else dumps(plan)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_text(content, encoding="utf-8", newline="\n")
        half.replace(path)
    except OSError as error:
        raise PublishError("cannot-write", path=str(path), what=error.strerror or str(error)) from error
    finally:
        half.unlink(missing_ok=True)
    click.echo(word("cli.plan-written", language, {"path": str(path)}), err=True)


def _show_plan(plan: Plan, form: str, language: str, err: bool) -> None:
    from govdata.publishing.plan import dumps
    from govdata.publishing.views import painted, plan_markdown, plan_text

    if form == "json":
        show(dumps(plan))
    elif form == "markdown":
        show(plan_markdown(plan, language))
    else:
        tell(plan_text(plan, language), painted, err)


def _show_outcome(outcome: Outcome, form: str, language: str) -> None:
    from govdata.publishing.outcome import to_json
    from govdata.publishing.views import outcome_markdown, outcome_text, painted

    if form == "json":
        show(json.dumps(to_json(outcome), ensure_ascii=False, indent=1) + "\n")
    elif form == "markdown":
        show(outcome_markdown(outcome, language))
    else:
        tell(outcome_text(outcome, language), painted)


def _confirm(plan: Plan, language: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise PublishError("not-confirmed")
    args = {"count": len(plan.writes) or plan.pages, "target": plan.target.name}
    if not click.confirm(word("cli.publish-confirm", language, args), err=True):
        raise PublishError("not-confirmed")


def exit_code(plan: Plan, outcome: Outcome | None, tell_changes: bool) -> int:
    """The exit code of a run, as docs/exit-codes.md promises."""
    found = set()
    actions = {change.action for change in plan.changes}
    if "conflict" in actions or plan.over:
        found.add(NOT_DONE)
    # One that is withdrawn and still has its folder was withdrawn by the gate.
    if actions & {"refused", "held"} or any(change.action == "withdraw" and change.path for change in plan.changes):
        found.add(LEFT_OUT)
    if tell_changes and not plan.is_empty:
        found.add(CHANGES)
    for status, why in _statuses(outcome):
        if status == "moved" or (status == "failed" and not why.startswith("publish/site-")):
            found.add(NOT_DONE)
        elif status != "done":
            found.add(TARGET_FAILED)
    return next((code for code in PRECEDENCE if code in found), 0)


def _statuses(outcome: Outcome | None) -> Iterator[tuple[str, str]]:
    if outcome is not None:
        yield from ((result.status, result.why.rule if result.why else "") for result in outcome.results)
        yield from ((status, why.rule if why else "") for _, status, why in outcome.organisations)
