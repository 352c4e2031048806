"""A large text table, opened by what its beginning proves, while a thread proves the whole file.

Nothing that is found in this way counts before the proof is through: where it says otherwise, all is thrown away and done anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from govdata.classes import dataclass, replace
from govdata.reading.changes import stamp_of
from govdata.reading.encodings.octets import LineEnds, chunks, length
from govdata.reading.encodings.proof import Proof, prove
from govdata.reading.encodings.speed import Speed, beside, speed_for
from govdata.reading.signature import unreadable
from govdata.reading.sources import TableSource
from govdata.reading.texts.table import check_form, opened
from govdata.settings import Settings
from govdata.values import Finding, Resource

HEAD = 1 << 17
"""Bytes by which the encoding is foreseen, up to the end of a line."""

LATER = Finding("")
"""Stands in the stream where the findings of the proof will stand."""

_ANY_ENDS = LineEnds(1, 1, 1)
"""As long as they are not counted, line ends of all kinds may be in the file."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A table that is read before its encoding is proven."""

    source: TableSource
    """The table if the proof holds; of its facts the digest is missing."""
    settle: Callable[[], tuple[TableSource, tuple[Finding, ...] | None]]
    """Waits for the proof: the table as it is, and the findings that `LATER` stands for; `None` where it was not foreseen."""
    is_refuted: Callable[[], bool]
    """Whether it is known by now that it was not foreseen."""


def foresee_text(resource: Resource, settings: Settings, helped: bool = False) -> Foreseen | None:
    """A text table before it is proven; `None` where its beginning does not tell, or what it tells is a finding.

    `helped`: other processes are at work on it meanwhile.
    """
    try:
        refused = check_form(resource)
        if refused is not None:
            return None
        stamp = stamp_of(resource.path)
        head = next(chunks(resource.path, 0, HEAD), b"")
        lines = head.rfind(b"\n") + 1
        if lines < len(head) // 2:
            return None  # lines so long are looked at first: one may be too long
        guess = prove(head[:lines], resource.encoding, settings)
        if isinstance(guess, Finding):
            return None
        size = length(resource.path)
    except OSError:
        return None

    refuted: list[Proof | Finding] = []

    def prove_all() -> Proof | Finding:
        try:
            proof = prove(resource.path, resource.encoding, settings, _speed(resource, settings, helped))
        except OSError as error:
            proof = unreadable(error)
        if not _holds(proof, guess):
            refuted.append(proof)
        return proof

    proven = beside(prove_all, "govdata-proving")
    foreseen = replace(guess, size=size, sha256="", ends=_ANY_ENDS, findings=(LATER,))

    def settle() -> tuple[TableSource, tuple[Finding, ...] | None]:
        proof = proven()
        return opened(resource, settings, proof, stamp), proof.findings if isinstance(proof, Proof) and not refuted else None

    return Foreseen(opened(resource, settings, foreseen, stamp), settle, lambda: bool(refuted))


def _holds(proof: Proof | Finding, guess: Proof) -> bool:
    return isinstance(proof, Proof) and (proof.encoding, proof.bom) == (guess.encoding, guess.bom)


def _speed(resource: Resource, settings: Settings, helped: bool) -> Speed:
    """That of the proof beside the check: threads that read ahead for it, or take the digest, would only be in the way where no processor
    is left for them. While this process loads packages one is, unless others do so too.
    """
    speed = speed_for(resource.path)
    return replace(speed, ahead=speed.ahead and (os.cpu_count() or 1) > settings.threads, apart=speed.apart and not helped)
