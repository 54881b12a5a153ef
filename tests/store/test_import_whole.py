"""An import happens wholly or not at all, gives the same bytes, and one at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import HomeLocked
from store.importer import import_source
from store.writing import data_set_lock
from tests.store.killing import assert_old_until_new, killed_at_every_step, manifest_of
from tests.store.making import LENIENT, files_of, make_source, run

OLD = "SELECT 's' || i AS shipment_id, DATE '2020-01-01' AS known_at FROM range(3) t(i)"
NEW = "SELECT 'n' || i AS shipment_id, DATE '2020-01-02' AS known_at FROM range(5) t(i)"
NEW_SIGNALS = (
    "SELECT 'p' AS place_id, 'wind' AS name, i AS value, DATE '2020-01-01' AS observed_at FROM range(2) t(i)"
    " UNION ALL SELECT 'q', 'wind', 1, DATE '2020-01-01'"
)

DYING = """
import sys
from pathlib import Path
import store.importer
from domain.params import ImportParams
from tests.store.killing import kill_at_every_step

store.importer.broken_rows = lambda contract, frame: []  # this test is about files; the suite takes seconds to load
old, new, out = map(Path, sys.argv[1:])
kill_at_every_step(old, lambda: store.importer.import_source(new, out, ImportParams(max_bad_share=1.0)), out)
"""


def test_an_import_killed_at_any_step_leaves_one_whole_data_set(tmp_path: Path) -> None:
    """Killed before each of its steps on the disk in turn: all old or all new, never between."""
    make_source(tmp_path / "old", shipments=OLD)
    make_source(tmp_path / "new", shipments=NEW, signals=NEW_SIGNALS)
    for name in ("old", "new"):
        import_source(tmp_path / name, tmp_path / f"expected-{name}", LENIENT)
    found = killed_at_every_step(DYING, *(tmp_path / name for name in ("expected-old", "new", "out")))
    assert_old_until_new(found, manifest_of(tmp_path / "expected-old"), manifest_of(tmp_path / "expected-new"))


def test_what_a_dead_import_left_is_removed_by_the_next(tmp_path: Path) -> None:
    _, dataset = run(tmp_path, shipments=OLD)
    left = dataset.folder / ".staging-99999"
    left.mkdir()
    (left / "shipments.parquet").write_bytes(b"half")
    run(tmp_path, shipments=OLD)
    assert not left.exists()


def test_files_no_longer_listed_are_deleted(tmp_path: Path) -> None:
    run(tmp_path, shipments=OLD)
    (tmp_path / "source" / "shipments.sql").unlink()
    _, dataset = run(tmp_path, signals=NEW_SIGNALS)
    assert sorted(p.name for p in dataset.folder.iterdir()) == [".lock", "manifest.json", "quarantine", "signals"]
    assert len(list((dataset.folder / "signals").iterdir())) == 1


def test_files_of_others_in_the_folder_stay(tmp_path: Path) -> None:
    run(tmp_path, shipments=OLD)
    (tmp_path / "out" / "shipments" / "notes.parquet").write_bytes(b"mine")
    (tmp_path / "out" / "truth").mkdir()
    run(tmp_path, shipments=NEW)
    assert (tmp_path / "out" / "shipments" / "notes.parquet").read_bytes() == b"mine"
    assert (tmp_path / "out" / "truth").is_dir()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    query = OLD.replace("'s' || i", "'s' || (i * 7919 % 5000)").replace("range(3)", "range(5000)")
    first, one = run(tmp_path / "a", shipments=query, signals=NEW_SIGNALS)
    second, other = run(tmp_path / "b", shipments=query, signals=NEW_SIGNALS)
    assert files_of(one.folder) == files_of(other.folder)
    assert one.fingerprint == other.fingerprint == first.fingerprint
    assert first == second
    assert first.as_json() == second.as_json()


def test_other_content_has_another_fingerprint(tmp_path: Path) -> None:
    assert run(tmp_path / "a", shipments=OLD)[1].fingerprint != run(tmp_path / "b", shipments=NEW)[1].fingerprint


def test_two_imports_into_one_folder_are_refused(tmp_path: Path) -> None:
    source = make_source(tmp_path / "source", shipments=OLD)
    holder = subprocess.Popen(
        [
            sys.executable, "-c",
            "import sys, time; from pathlib import Path; from store.writing import data_set_lock\n"
            "with data_set_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)",
            str(tmp_path / "out"),
        ],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(HomeLocked, match=f"pid {holder.pid}"):
            import_source(source, tmp_path / "out", LENIENT)
    finally:
        holder.kill()
        holder.communicate()
    import_source(source, tmp_path / "out", LENIENT)


def test_a_lock_leaves_no_folder_behind_when_nothing_was_written(tmp_path: Path) -> None:
    with data_set_lock(tmp_path / "out"):
        assert (tmp_path / "out").is_dir()
    assert not (tmp_path / "out").exists()


def test_an_interrupt_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, shipments=OLD)
    before = files_of(tmp_path / "out")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("store.staging.Staging._move_tables", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, shipments=NEW)
    monkeypatch.undo()
    assert files_of(tmp_path / "out") == before
    run(tmp_path, shipments=OLD)
    assert files_of(tmp_path / "out") == before
