"""A publication of a directory as a static site from beginning to end: what the command does, for programs."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

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
from govdata.publishing.site.preparing import Asked, Prepared, prepare
from govdata.publishing.site.switching import recover
from govdata.runs import Progress
from govdata.settings import Settings
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
    _prepared: Prepared | None = None

    def plan(self, progress: Progress | None = None) -> Plan:
        """Check the directory, ask the gate, look at the folder, and say what is to be done."""
        self._prepared = prepare(self.path, self.settings, self.target, self.asked, (self.folders, self.spool), progress)
        return self._prepared.plan

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
        return build(self._prepared, Ground(self.settings, self.folders, self.spool.folder, self.asked.jobs), progress)


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
                raise failure(error, folders.site) from error
        waiting = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="govdata-")))
        spool = stack.enter_context(contextlib.closing(Spool(waiting)))
        yield Publication(path, settings, target, asked, folders, spool)
