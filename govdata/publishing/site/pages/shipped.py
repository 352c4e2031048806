"""The files of the templates, as far as can be told without the engine that fills them in: a run that changes nothing does without it."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from govdata import content

FOLDER = "catalog/site/templates"


def digest(own: Path | None) -> str:
    """Of all templates, a portal's own included, so that pages are made anew when one of them changes. They may include any file."""
    found = blake2b(digest_size=16)
    for folder in filter(None, (own, content.root() / FOLDER)):
        for path in sorted(filter(Path.is_file, folder.rglob("*"))):
            found.update(f"{path.relative_to(folder).as_posix()}|".encode("utf-8", "surrogateescape") + path.read_bytes())
    return found.hexdigest()
