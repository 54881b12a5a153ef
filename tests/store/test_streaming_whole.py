"""A stream replaces a data set wholly or not at all, and folders beside the tables go with their data set."""

from pathlib import Path

import pytest

from domain.errors import NotThere
from store.beside import folder_beside
from store.dataset import Dataset, open_dataset
from store.streaming import dataset_stream
from store.writing import write_dataset
from tests.store.killing import (
    assert_old_until_new,
    killed_at_every_step,
    manifest_of,
    seen_truth,
)
from tests.store.making import SHIPMENT, files_of, run
from tests.store.months import MANIFEST, write_months, write_truth

DYING = """
import sys
from pathlib import Path
from tests.store.killing import kill_at_every_step
from tests.store.test_streaming_whole import streamed

old, out = map(Path, sys.argv[1:])
kill_at_every_step(old, lambda: streamed(out, 2, "new"), out)
"""


def streamed(folder: Path, months: int, truth: str) -> Dataset:
    """A data set of some months, with a truth beside it."""
    with dataset_stream(folder, MANIFEST) as stream:
        write_truth(stream.extra("truth"), truth)
        write_months(stream, months)
    return stream.dataset


def test_a_stream_killed_at_any_step_leaves_one_whole_data_set(tmp_path: Path) -> None:
    """All old or all new; a truth is that of the data set, or none: never that of another."""
    old = manifest_of(streamed(tmp_path / "old", 1, "old").folder)
    new = manifest_of(streamed(tmp_path / "new", 2, "new").folder)
    found = killed_at_every_step(DYING, tmp_path / "old", tmp_path / "out")
    assert_old_until_new(found, old, new)
    for one in found:
        assert one.truth in ("old" if one.manifest == old else "new", None)
    assert (found[0].truth, found[-1].truth) == ("old", "new")
    assert sum(one.truth is None for one in found) <= 4


def test_a_stream_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = streamed(tmp_path / "out", 1, "old").folder
    before = files_of(folder)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tests.store.test_streaming_whole.write_months", interrupted)
    with pytest.raises(KeyboardInterrupt):
        streamed(folder, 2, "new")
    assert files_of(folder) == before


def test_a_folder_beside_replaces_the_one_before(tmp_path: Path) -> None:
    first = streamed(tmp_path / "out", 1, "old")
    (first.folder / "truth" / "more.txt").write_text("of the first")
    second = streamed(tmp_path / "out", 2, "new")
    assert seen_truth(second.folder) == "new"
    assert not (second.folder / "truth" / "more.txt").exists()
    with pytest.raises(NotThere, match="belongs to another data set"):
        folder_beside(first, "truth")


def test_the_folder_beside_leaves_the_fingerprint_as_it_is(tmp_path: Path) -> None:
    one, other = streamed(tmp_path / "a", 1, "one"), streamed(tmp_path / "b", 1, "other")
    assert one.fingerprint == other.fingerprint


def test_an_import_removes_a_folder_that_went_with_the_data_set_before(tmp_path: Path) -> None:
    """What a user put there stays."""
    streamed(tmp_path / "out", 1, "old")
    (tmp_path / "out" / "notes").mkdir()
    _, dataset = run(tmp_path, shipments=SHIPMENT)
    names = sorted(path.name for path in dataset.folder.iterdir())
    assert names == [".lock", "manifest.json", "notes", "shipments"]
    with pytest.raises(NotThere, match="written without it"):
        folder_beside(dataset, "truth")


def test_a_users_own_folder_is_not_replaced(tmp_path: Path) -> None:
    """It is refused when it is asked for, not when the months are written."""
    dataset = write_dataset(tmp_path / "out", MANIFEST, {})
    (dataset.folder / "truth").mkdir()
    (dataset.folder / "truth" / "mine.txt").write_text("mine")
    with pytest.raises(NotThere, match=r"of-data-set\.txt"), dataset_stream(dataset.folder, MANIFEST) as stream:
        stream.extra("truth")
    assert (dataset.folder / "truth" / "mine.txt").read_text() == "mine"
    assert open_dataset(dataset.folder) == dataset


@pytest.mark.parametrize("name", ["shipments", "quarantine", "../truth", "", ".lock", "a/b"])
def test_a_folder_beside_takes_no_tables_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotThere, match="cannot name a folder"), dataset_stream(tmp_path / "out", MANIFEST) as stream:
        stream.extra(name)
