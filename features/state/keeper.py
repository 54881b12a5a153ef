"""A live state that is kept: whatever it is told is in the journal first, and snapshots shorten the way back."""

import logging
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from domain.errors import LanewiseError, NotThere
from domain.predictions import ModelName
from features.family import Asked
from features.live import Fate, Live
from features.state.errors import BadState
from features.state.journal import Entry, Journal, checked_moment, entry_of, new_journal
from features.state.learned import forget_aged
from features.state.restored import NUMBERED, Restored, journal_path, kept_in, read_state, snapshot_path
from features.state.snapshot import write_snapshot
from store.atomic import sync_folder
from store.lock import file_lock

LOCK = ".lock"
SNAPSHOTS_KEPT = 2
"""Older ones, and the journals that only they need, are removed."""
DRAFT = re.compile(rf"\.(?:{NUMBERED.pattern})\.\d+")
log = logging.getLogger(__name__)


class Keeper:
    """The one writer of a kept state; made by :func:`keeping`. For one thread at a time.

    Parameters
    ----------
    sync_every
        After how many entries the journal is brought to the disk.
    """

    def __init__(self, folder: Path, restored: Restored, sync_every: int) -> None:
        if sync_every < 1:
            raise ValueError(f"sync_every must be 1 or more, but is {sync_every}")
        self.state = restored.state
        self.restored = restored
        self._folder = folder
        self._sync_every = sync_every
        self._number = restored.journal
        self._whole = [one for one in kept_in(folder).snapshots if one <= restored.snapshot]
        self._journal = self._opened(restored.extent.whole_bytes)
        self._halfway = False

    def tell(self, table: str, row: Mapping[str, Any]) -> Fate:
        """Take a record as it is known now, journal first; see :meth:`features.live.Live.tell`.

        Raises
        ------
        LanewiseError
            If the record is refused; the state answers as before.
        """
        kinds = self.state.shape.kinds.get(table)
        if kinds is None:
            raise LanewiseError(f"{table!r} takes no records; {', '.join(self.state.shape.kinds)} do")
        entry = entry_of(table, row, kinds)
        with self._journalled(entry):
            return self.state.tell(*entry)

    def ask(
        self,
        model: ModelName,
        subject: str,
        stage: str,
        as_of: int | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> Asked:
        """A question about one subject; see :meth:`features.present.Present.ask`.

        A later moment is journalled: what was answered stays true for whatever is told, also after a crash.
        """
        if as_of is not None and as_of > self.state.now:
            with self._journalled([checked_moment(as_of)]):
                return self.state.ask(model, subject, stage, as_of, given)
        return self.state.ask(model, subject, stage, as_of, given)

    def snapshot(self) -> None:
        """Write the whole state, and begin a new journal; what only older snapshots need is removed.

        Where the process dies on the way, the state is restored from what was there before.
        """
        self._check_whole()
        forget_aged(self.state)
        self._journal.sync()
        number = self._number + 1
        new_journal(journal_path(self._folder, number))
        self._journal.close()
        self._number = number
        self._journal = self._opened(journal_path(self._folder, number).stat().st_size)
        write_snapshot(snapshot_path(self._folder, number), self.state)
        self._whole = [*self._whole, number][-SNAPSHOTS_KEPT:]
        self._remove_old()

    def sync(self) -> None:
        """Bring all that was told to the disk now."""
        self._journal.sync()

    def close(self) -> None:
        """Bring all that was told to the disk, and write no more."""
        self._journal.close()

    @contextmanager
    def _journalled(self, entry: Entry) -> Iterator[None]:
        """An entry that is in the journal before the state takes it; a defect on the way leaves it out again."""
        self._check_whole()
        begin = self._journal.append(entry)
        try:
            yield
        except LanewiseError:
            raise
        except BaseException:
            self._halfway = True
            self._journal.take_back(begin)
            raise

    def _check_whole(self) -> None:
        if self._halfway:
            raise BadState("a record was interrupted while it was taken; open the state again to restore it without")

    def _opened(self, whole_bytes: int) -> Journal:
        return Journal(journal_path(self._folder, self._number), whole_bytes, self._sync_every)

    def _remove_old(self) -> None:
        kept = kept_in(self._folder)
        for number in set(kept.snapshots) - set(self._whole):
            _remove(snapshot_path(self._folder, number))
        for number in kept.journals:
            if number < self._whole[0]:
                journal_path(self._folder, number).unlink()


def begin(folder: Path, state: Live) -> None:
    """Keep a state in a folder of its own, from now on.

    Raises
    ------
    BadState
        If the folder keeps one already.
    HomeLocked
        If another process writes there.
    """
    with file_lock(folder / LOCK, f"the state {folder}"):
        if kept_in(folder).snapshots:
            raise BadState(f"{folder} keeps a state already; open it, or begin in another folder")
        _remove_drafts(folder)
        forget_aged(state)
        new_journal(journal_path(folder, 1))
        write_snapshot(snapshot_path(folder, 1), state)


@contextmanager
def keeping(folder: Path, sync_every: int = 1) -> Iterator[Keeper]:
    """Restore a kept state and go on with it, as its only writer.

    Parameters
    ----------
    sync_every
        After how many entries the journal is brought to the disk. With 1 no record is lost to a loss of power; with
        more, at most so many less one. A crash of the process alone loses none.

    Raises
    ------
    HomeLocked
        If another process writes there.
    NotThere, OtherDefinitions, Damaged
        See :func:`features.state.restored.read_state`.
    """
    if not folder.is_dir():
        raise NotThere(f"{folder} keeps no state; begin one there")
    with file_lock(folder / LOCK, f"the state {folder}"):
        _remove_drafts(folder)
        keeper = Keeper(folder, _told_of(folder, read_state(folder)), sync_every)
        try:
            yield keeper
        finally:
            keeper.close()


def _told_of(folder: Path, restored: Restored) -> Restored:
    for why in restored.damaged:
        log.warning("passed over a snapshot, its records come from the journals: %s", why)
    if restored.torn_bytes:
        log.warning("cut %d bytes off the journal in %s, left by a crash", restored.torn_bytes, folder)
    return restored


def _remove(path: Path) -> None:
    """Remove a folder; whoever reads it finds all of it or none."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    os.replace(path, draft)  # noqa: PTH105 - the test that kills the process counts calls of os.replace
    sync_folder(path.parent)
    shutil.rmtree(draft)


def _remove_drafts(folder: Path) -> None:
    """What a writer that died has left; the lock is held."""
    for left in folder.glob(".*"):
        if DRAFT.fullmatch(left.name):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
