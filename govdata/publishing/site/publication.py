"""A publication of a directory as a static site from beginning to end: what the command does, for programs."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from govdata.circles import unsought
from govdata.classes import dataclass
from govdata.errors import SettingsError
from govdata.publishing.fitting import refuse_unfit
from govdata.publishing.outcome import Outcome
from govdata.publishing.plan import Plan
from govdata.publishing.selection import directory_at, required_id
from govdata.publishing.site import state as states
from govdata.publishing.site.building import Ground, build
from govdata.publishing.site.cards import Spool
from govdata.publishing.site.output import Folders, current, failure, folders_of, locked
from govdata.publishing.site.pair import Pairing
from govdata.publishing.site.preparing import Asked, Prepared, portal_of, prepare
from govdata.publishing.site.switching import recover
from govdata.publishing.site.team import suits_two
from govdata.runs import Progress
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.targets import SiteTarget


@dataclass(slots=True)
class Publication:
    """One run. `plan` comes first; `apply` does what it says."""

    path: Path
    settings: Settings
    target: SiteTarget
    asked: Asked
    folders: Folders
    spool: Spool
    pairing: Pairing
    _prepared: Prepared | None = None

    @unsought()
    def plan(self, progress: Progress | None = None) -> Plan:
        """Check the directory, ask the gate, look at the folder, and say what is to be done."""
        place = self.folders, self.spool, self._get_ready
        self._prepared = prepare(self.path, self.settings, self.target, self.asked, place, progress)
        return self._prepared.plan

    def _get_ready(self, actual: states.Actual) -> None:
        """Something will have to be built: begin with what does not depend on it, beside the check, where little seems to change."""
        if self.pairing.is_wanted and suits_two(self.asked.jobs, len(actual.known), 0, 0) and self.folders.spare.exists():
            portal = partial(portal_of, self.target, read_library(self.settings.content), (), self.asked.today)
            self.pairing.begin(portal, (self.folders, actual))

    @property
    def is_unsettled(self) -> bool:
        """An earlier run was killed while it changed files in the folder: an empty plan is to be carried out too, to put it right."""
        return self._prepared is not None and self._prepared.actual.unsettled

    def refuse_unfit(self, saved: Plan, file: str) -> None:
        """Raise `PublishError` where a saved plan is not what would be done now."""
        assert self._prepared is not None
        refuse_unfit(saved, self._prepared.plan, {}, file)

    def apply(self, progress: Callable[[int, str], None] = lambda number, name: None) -> Outcome:
        """Carry out the plan that was made last."""
        assert self._prepared is not None
        prepared = self._prepared
        if suits_two(self.asked.jobs, len(prepared.works), 0, sum(item.kind != "same" for item in prepared.works)):
            self.pairing.begin(lambda: prepared.portal)
        ground = Ground(self.settings, self.folders, self.spool.folder, self.asked.jobs, self.pairing.pair)
        return build(prepared, ground, progress)


@contextlib.contextmanager
def open_publication(named: str, path: Path, language: str, asked: Asked, writes: bool) -> Iterator[Publication]:
    """A run for a target like `site:open` or `site:./public`. `writes`: it may change the folder, so no other run may.

    Raises `SettingsError` where the target or the directory's id is not in `govdata.toml`, `PublishError` where the folder is not
    ours or cannot be written.
    """
    root, settings = directory_at(path, language, asked.today)
    target = settings.target(named)
    if not isinstance(target, SiteTarget):
        raise SettingsError("unknown-target", target=named, known=[item.label for item in settings.targets])
    required_id(root, settings)
    folders = folders_of(target.path)
    # A folder of somebody else's is told before the directory is checked, which may take minutes, and before anything is put there.
    states.read_mark(current(folders), settings.directory)
    with contextlib.ExitStack() as stack:
        if writes:
            stack.enter_context(locked(folders))
            try:
                recover(folders)
            except OSError as error:
                raise failure(error, folders.site, folders.intent.exists()) from error
        waiting = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="govdata-")))
        spool = stack.enter_context(contextlib.closing(Spool(waiting)))
        pairing = stack.enter_context(contextlib.closing(Pairing(writes)))
        yield Publication(path, settings, target, asked, folders, spool, pairing)
