"""What of a kept state is refused, who may write in it and who may read, and what a refusal says."""

import os
import shutil
from datetime import datetime
from pathlib import Path
from threading import Thread

import pytest

from domain.errors import HomeLocked, LanewiseError, NotThere
from features.state import stamp
from features.state.errors import BadState, Damaged, OtherDefinitions
from features.state.keeper import begin, keeping
from features.state.restored import journal_path, kept_in, read_state, snapshot_path
from features.state.snapshot import read_snapshot
from tests.features.telling import bits, kept_world, records, told


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """See :func:`tests.features.telling.kept_world`."""
    return kept_world(tmp_path / "state")


# --- Damage ------------------------------------------------------------------------------------------------------


def flip(path: Path, at: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_any_damaged_file_of_a_snapshot_is_told(kept: Path) -> None:
    """One wrong bit in any file, or a file that is gone, and the snapshot is refused with what came and what to do."""
    folder = snapshot_path(kept, 3)
    for path in sorted(folder.iterdir()):
        if path.name != "index.json":
            content = path.read_bytes()
            flip(path, len(content) // 2)
            with pytest.raises(Damaged, match=f"damaged: {path.name} was written with .* came; .*replay the records"):
                read_snapshot(folder)
            path.unlink()
            with pytest.raises(Damaged, match=f"lacks {path.name}; .*replay the records"):
                read_snapshot(folder)
            path.write_bytes(content)
    assert read_snapshot(folder).fates.total() == 150


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_index_that_is_none_is_told(content: bytes, kept: Path) -> None:
    """An index that says nothing is refused as damaged or of no known format."""
    (snapshot_path(kept, 3) / "index.json").write_bytes(content)
    with pytest.raises(Damaged, match="replay the records"):
        read_snapshot(snapshot_path(kept, 3))


@pytest.mark.parametrize("name", ["../state.json", "/etc/hostname", "a.npy", "..parquet"])
def test_no_path_comes_from_content(name: str, kept: Path) -> None:
    """An index that lists what no snapshot holds is refused before anything is opened."""
    index = snapshot_path(kept, 3) / "index.json"
    index.write_text(index.read_text().replace('"state.json"', f'"{name}"'))
    with pytest.raises(Damaged, match="which no snapshot holds"):
        read_snapshot(snapshot_path(kept, 3))


def test_damaged_snapshot_is_passed_over(kept: Path) -> None:
    """The one before it and the journals since give the same state; it goes when the next whole one stands."""
    flip(snapshot_path(kept, 3) / "state.json")
    found = read_state(kept)
    assert (found.snapshot, found.entries, len(found.damaged)) == (2, 80, 1)
    assert bits(found.state) == bits(told(1, 180))
    with keeping(kept) as keeper:
        keeper.tell(*records(1)[180])
        keeper.snapshot()
    assert (kept_in(kept).snapshots, kept_in(kept).journals) == ((2, 4), (2, 3, 4))
    flip(snapshot_path(kept, 4) / "state.json")
    assert bits(read_state(kept).state) == bits(told(1, 181))
    flip(snapshot_path(kept, 2) / "state.json")
    with pytest.raises(Damaged, match=r"no snapshot in .* is whole"):
        read_state(kept)


def test_journal_damaged_in_the_middle_is_refused(kept: Path) -> None:
    """A broken line before whole ones is no torn tail: nothing is passed over in silence."""
    flip(journal_path(kept, 3), 2000)
    with pytest.raises(Damaged, match="but whole ones follow, so that no crash has torn it; replay the records"):
        read_state(kept)


def test_missing_journal_is_refused(kept: Path) -> None:
    """A snapshot without the journals after it is not the state that was left."""
    journal_path(kept, 3).unlink()
    with pytest.raises(Damaged, match="lacks journals"):
        read_state(kept)


def test_other_definitions_are_refused(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state of other definitions is refused, saying which came, which was expected and what to do."""
    said = f"definitions {stamp.DEFINITIONS[:12]}, but .* definitions ffffffffffff: replay the records"
    monkeypatch.setattr(stamp, "DEFINITIONS", "f" * 64)
    with pytest.raises(OtherDefinitions, match=said):
        read_state(kept)
    with pytest.raises(OtherDefinitions), keeping(kept):
        pass


# --- One writer, any number of readers ---------------------------------------------------------------------------


def test_second_writer_is_refused_and_readers_are_free(kept: Path) -> None:
    """While one writes, another is told who does; a reader finds all that was told."""
    with keeping(kept) as keeper:
        keeper.tell(*records(1)[180])
        with pytest.raises(HomeLocked, match=rf"pid {os.getpid()}\) is writing in the state"), keeping(kept):
            pass
        assert bits(read_state(kept).state) == bits(keeper.state)
    with keeping(kept):
        pass


def test_readers_always_find_a_whole_state(kept: Path) -> None:
    """While a writer tells, snapshots and removes, whoever reads finds a state that there was, never an older one."""
    with keeping(kept, sync_every=1000) as keeper:

        def write() -> None:
            for number, record in enumerate(records(1)[180:400]):
                keeper.tell(*record)
                if number % 20 == 0:
                    keeper.snapshot()

        writer, counts = Thread(target=write), []
        writer.start()
        while writer.is_alive():
            counts.append(read_state(kept).state.fates.total())
        writer.join()
    assert counts == sorted(counts)
    assert bits(read_state(kept).state) == bits(told(1, 400))


def test_only_the_last_two_snapshots_stay(kept: Path) -> None:
    """Older ones go, and the journals that only they need."""
    with keeping(kept) as keeper:
        for _ in range(3):
            keeper.snapshot()
    assert (kept_in(kept).snapshots, kept_in(kept).journals) == ((5, 6), (5, 6))


def test_what_is_not_there_or_there_already_is_told(kept: Path, tmp_path: Path) -> None:
    """A folder without a state is not opened, one with a state not begun anew; other files in it are left alone."""
    with pytest.raises(NotThere, match="keeps no state"), keeping(tmp_path / "none"):
        pass
    with pytest.raises(NotThere, match="keeps no state"):
        read_state(tmp_path)
    with pytest.raises(BadState, match="keeps a state already"):
        begin(kept, told(1, 0))
    with pytest.raises(ValueError, match="sync_every must be 1 or more"), keeping(kept, sync_every=0):
        pass
    shutil.copytree(kept, tmp_path / "copy")
    (tmp_path / "copy" / ".own-1").mkdir()
    with keeping(tmp_path / "copy"):
        assert (tmp_path / "copy" / ".own-1").is_dir()


# --- What is refused ---------------------------------------------------------------------------------------------


def test_what_the_state_refuses_leaves_it_as_it_was(kept: Path) -> None:
    """A record that cannot be taken is refused each time, and the restored state is the one that refused it."""
    milestone = {"shipment_id": "s001", "code": "X3", "known_at": 1, "occurred_at": 1}
    refused = [
        {**milestone, "occurred_at": None},
        {**milestone, "shipment_id": None},
        {**milestone, "shipment_id": 7},
        {**milestone, "shipment_id": "\ud800"},
        {**milestone, "occurred_at": datetime(2024, 1, 1)},
        {**milestone, "occurred_at": 2**63},
        {**milestone, "shipment_id": "s" * 1_000_000},
    ]
    with keeping(kept) as keeper:
        for row in refused:
            with pytest.raises(LanewiseError):
                keeper.tell("milestones", row)
        with pytest.raises(LanewiseError, match="takes no records"):
            keeper.tell("carriers", {})
        keeper.tell(*records(1)[180])
        state = keeper.state
    assert state.fates.total() == 181
    assert bits(read_state(kept).state) == bits(state)


def test_what_fails_halfway_is_left_out(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a defect or an interruption the state is restored without the record, and not used before."""
    with keeping(kept) as keeper:
        with monkeypatch.context() as patched:
            patched.setattr(keeper.state, "_moment", lambda since: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                keeper.tell(*records(1)[180])
        with pytest.raises(BadState, match="open the state again"):
            keeper.tell(*records(1)[180])
        with pytest.raises(BadState, match="open the state again"):
            keeper.snapshot()
    assert bits(read_state(kept).state) == bits(told(1, 180))


def test_what_the_disk_does_not_take_is_not_told(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the journal cannot be written, neither the state nor the journal has the record."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with keeping(kept) as keeper:
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space left"):
                keeper.tell(*records(1)[180])
        assert bits(keeper.state) == bits(told(1, 180))
        keeper.tell(*records(1)[180])
    assert bits(read_state(kept).state) == bits(told(1, 181))
