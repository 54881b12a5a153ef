"""A state as it was left: the newest whole snapshot, and what the journals say was told since.

In a state's folder ``snapshot-N`` holds all that journals before ``journal-N.log`` say; later journals follow in order.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from domain.errors import LanewiseError, NotThere
from features.live import Live
from features.state.errors import Damaged
from features.state.journal import Entry, Extent, read_journal
from features.state.snapshot import read_snapshot

NUMBERED = re.compile(r"(?:snapshot-(\d{8})|journal-(\d{8})\.log)")
TRIES = 5
"""A reader that finds what it reads removed by the writer looks again so often."""


@dataclass(frozen=True)
class Restored:
    """A state that was kept, and what it was restored from.

    Attributes
    ----------
    snapshot
        Number of the snapshot.
    entries
        Replayed from journals.
    torn_bytes
        Left by a crash at the end of the last journal, and not taken.
    damaged
        Newer snapshots that were passed over, each with why; their records came from the journals before them.
    journal, extent
        Number of the last journal, and how far it goes.
    """

    state: Live
    snapshot: int
    entries: int
    damaged: tuple[str, ...]
    journal: int
    extent: Extent

    @property
    def torn_bytes(self) -> int:
        """Left by a crash at the end of the last journal, and not taken."""
        return self.extent.torn_bytes


@dataclass(frozen=True)
class Kept:
    """Numbers of the snapshots and journals in a folder, ascending."""

    folder: Path
    snapshots: tuple[int, ...]
    journals: tuple[int, ...]


def kept_in(folder: Path) -> Kept:
    """What a state's folder holds; nothing where there is none."""
    found = [match for one in folder.glob("*") if (match := NUMBERED.fullmatch(one.name))]
    snapshots = sorted(int(one[1]) for one in found if one[1])
    return Kept(folder, tuple(snapshots), tuple(sorted(int(one[2]) for one in found if one[2])))


def snapshot_path(folder: Path, number: int) -> Path:
    """Where a snapshot is."""
    return folder / f"snapshot-{number:08}"


def journal_path(folder: Path, number: int) -> Path:
    """Where a journal is."""
    return folder / f"journal-{number:08}.log"


def read_state(folder: Path) -> Restored:
    """The state in a folder, as it was last told; needs no lock, and a writer may go on meanwhile.

    Raises
    ------
    NotThere
        If the folder keeps no state.
    OtherDefinitions
        If it was kept in another format, or under other definitions of features.
    Damaged
        If no snapshot is whole, or a journal after it is missing or damaged.
    """
    for _ in range(TRIES - 1):
        kept = kept_in(folder)
        try:
            return _restored(kept)
        except (Damaged, FileNotFoundError):
            if kept_in(folder).snapshots == kept.snapshots:
                raise
    return _restored(kept_in(folder))


def take(state: Live, entry: Entry) -> None:
    """Take an entry of a journal as it was taken when it was written; what was refused then is refused again."""
    if len(entry) == 1:
        state.advance(entry[0])
        return
    try:
        state.tell(entry[0], entry[1])
    except LanewiseError:
        return


def _restored(kept: Kept) -> Restored:
    if not kept.snapshots:
        raise NotThere(f"{kept.folder} keeps no state; begin one there")
    damaged: list[str] = []
    for number in reversed(kept.snapshots):
        try:
            state = read_snapshot(snapshot_path(kept.folder, number))
        except Damaged as error:
            damaged.append(str(error))
        else:
            return _replayed(kept, number, state, tuple(damaged))
    raise Damaged(f"no snapshot in {kept.folder} is whole: {'; '.join(damaged)}")


def _replayed(kept: Kept, number: int, state: Live, damaged: tuple[str, ...]) -> Restored:
    journals = [one for one in kept.journals if one >= number]
    last = journals[-1] if journals else number
    if journals != list(range(number, last + 1)):
        found = ", ".join(map(str, journals)) or "none"
        raise Damaged(f"{kept.folder} lacks journals from {number} on (found: {found}); replay the records anew")
    entries = 0
    for one in journals:
        path = journal_path(kept.folder, one)
        try:
            extent = read_journal(path, lambda entry: take(state, entry))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise Damaged(f"the journal {path} says what no state takes ({error!r}); replay the records anew") from None
        entries += extent.entries
        if extent.torn_bytes and one != last:
            raise Damaged(f"the journal {path} is damaged at its end, but others follow; replay the records anew")
    return Restored(state, number, entries, damaged, last, extent)
