"""Sub-versions: kept by their hash, logged before they serve, in service whole or not at all wherever a writer dies."""

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import DamagedLog, NotThere, WrongModel
from store.current import InService, in_service, models_folder, put_in_service
from store.updates import (
    FILE_NAME,
    Fate,
    Record,
    drop_update,
    hash_of,
    keep_update,
    kept_update,
    label,
    line_of,
    log,
    logged,
    put_update_in_service,
)

NAME = "small.severity"
OLD, NEW = b'{"shift": 0.1}\n', b'{"shift": 0.2}\n'
DYING = """
import os, shutil, sys
from pathlib import Path
from tests.store.killing import in_child
from tests.store.test_updates import NEW, served

old, out = map(Path, sys.argv[1:])
for step in range(1000):
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(old, out)
    code = in_child(lambda: served(out, NEW), step)
    shutil.copytree(out, old.parent / f"seen-{step:03}")
    print(code, flush=True)
    if code == 0:
        break
"""


def record(update: bytes | str, before: str = "", fate: Fate = Fate.APPLIED) -> Record:
    said = hash_of(update) if isinstance(update, bytes) else update
    return Record(fate, "3", said, before, "2024-05-01T00:00:00Z", 'ann "the" <b>', reason="é\n|")


def served(home: Path, update: bytes) -> str:
    """Put an update of version 3 in service, as the job does."""
    kept = keep_update(home, NAME, "3", update)
    put_update_in_service(home, NAME, record(update, in_service(home)[NAME].update))
    return kept


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put_in_service(tmp_path / "home", {NAME: InService("3", "run", "f" * 64), "other": InService("1", "r", "e" * 64)})
    return tmp_path / "home"


def test_an_update_is_found_by_its_hash_and_by_the_name_of_the_sub_version(home: Path) -> None:
    """The eight digits of ``3+1a2b3c4d`` are enough; keeping it again changes nothing."""
    kept = served(home, OLD)
    assert kept_update(home, NAME, "3", kept) == kept_update(home, NAME, "3", kept[:8]) == OLD
    assert in_service(home)[NAME] == InService("3", "run", "f" * 64, kept)
    assert in_service(home)["other"].update == ""
    assert keep_update(home, NAME, "3", OLD) == kept
    assert (label("3", kept), label("3", "")) == (f"3+{kept[:8]}", "3")


def test_an_update_that_is_not_there_or_was_changed_is_refused(home: Path) -> None:
    """The message says which, and what to do."""
    kept = served(home, OLD)
    with pytest.raises(NotThere, match=r"no update 3\+0badc0de"):
        kept_update(home, NAME, "3", "0badc0de")
    file = models_folder(home) / NAME / label("3", kept) / FILE_NAME
    file.write_bytes(NEW)
    with pytest.raises(WrongModel, match=r"was changed.*--revert"):
        kept_update(home, NAME, "3", kept)


def test_a_kept_update_that_was_changed_is_written_anew(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A folder is not believed by its name: making the same update again mends it, and says so."""
    kept = served(home, OLD)
    file = models_folder(home) / NAME / label("3", kept) / FILE_NAME
    for damage in (lambda: file.write_bytes(OLD[:5]), file.unlink):
        damage()
        with pytest.raises((WrongModel, NotThere)):
            kept_update(home, NAME, "3", kept)
        caplog.clear()
        assert keep_update(home, NAME, "3", OLD) == kept
        assert kept_update(home, NAME, "3", kept) == OLD
        assert str(file) in caplog.text
    caplog.clear()
    keep_update(home, NAME, "3", OLD)
    assert caplog.text == ""


@pytest.mark.parametrize(
    "damage", [b'{"fate": "appl', b"", b"\xff", b"[]", b'{"fate": "lost", "version": "3"}', b'{"fate": "applied"}']
)
def test_a_damaged_line_is_named_and_how_to_mend_it(home: Path, damage: bytes) -> None:
    """File, line, what a line must hold, what to do; the log can still be added to."""
    for one in (record(OLD), record(NEW)):
        log(home, NAME, one)
    file = models_folder(home) / NAME / "updates.jsonl"
    first, second = file.read_bytes().splitlines()
    file.write_bytes(b"\n".join([first, damage, second]) + b"\n")
    with pytest.raises(DamagedLog, match=r"updates\.jsonl, line 2, is damaged .*fate, version, .*remove that line"):
        logged(home, NAME)
    log(home, NAME, record(OLD))
    file.write_bytes(b"".join(line + b"\n" for line in file.read_bytes().splitlines() if line != damage))
    assert logged(home, NAME) == (record(OLD), record(NEW), record(OLD))


def test_a_current_file_of_before_updates_is_read(home: Path) -> None:
    """A home that was made by an earlier version has no updates."""
    said = {NAME: {"version": "3", "run_id": "run", "sha256": "f" * 64}}
    (models_folder(home) / "current.json").write_text(json.dumps(said))
    assert in_service(home)[NAME].update == ""


def test_the_log_keeps_every_line_in_order(home: Path) -> None:
    """Texts with quotes and line ends come back as they were, Unicode's own among them."""
    made = [record(OLD), record(NEW, fate=Fate.REFUSED), record("", hash_of(OLD), Fate.REVERTED)]
    made.append(replace(made[0], by="ann\u2028\x85\r\n"))
    assert logged(home, NAME) == ()
    for one in made:
        log(home, NAME, one)
    assert logged(home, NAME) == tuple(made)


def test_a_promotion_begins_without_an_update(home: Path) -> None:
    """What was learned for one version is not another's; that it ends is logged, once."""
    kept = served(home, OLD)
    assert drop_update(home, NAME, "cay", "2024-05-02T00:00:00Z", "promotion of version 4") == f"3+{kept[:8]}"
    put_in_service(home, {NAME: InService("4", "run", "d" * 64)})
    assert in_service(home)[NAME].update == ""
    last = logged(home, NAME)[-1]
    assert last == Record(Fate.DROPPED, "3", "", kept, "2024-05-02T00:00:00Z", "cay", reason="promotion of version 4")
    assert drop_update(home, NAME, "cay", "2024-05-02T00:00:00Z", "promotion of version 5") == ""
    assert logged(home, NAME)[-1] == last


@pytest.mark.parametrize(
    ("line", "told", "current"),
    [
        ("", "", ""),
        (" a b", "+a +b", "b"),
        (" a", "+a +b -a", "a"),
        ("", "+a +b -a -", ""),
        (" c", "+a +b -a - +c", "c"),
        (" a b", "+a +b !x", "b"),
        (" a", "+a +b", "a"),
        (" a b", "+a", "b"),
        (" a b", "+a +b -a", "b"),
        (" a b  c", "+a +b ~ +c", "c"),
        (" a ", "+a ~", ""),
        (" a", "+a ~", "a"),
        (" a b a c", "+a +b +a +c", "c"),
        (" a b a", "+a +b +a +c -a", "a"),
    ],
)
def test_an_update_adds_to_the_line_and_a_revert_shortens_it(line: str, told: str, current: str) -> None:
    """Refusals (!) are in no line, the model as trained is where an update was dropped (~); what is in service decides
    where a command was killed after it had logged."""
    fates = {"+": Fate.APPLIED, "-": Fate.REVERTED, "!": Fate.REFUSED, "~": Fate.DROPPED}
    records = [record(one[1:], fate=fates[one[0]]) for one in told.split()]
    assert line_of(records, "3", current) == tuple(line.split(" "))
    assert line_of(records, "4", "") == ("",)


def test_killed_at_any_step_either_update_is_in_service_whole_and_logged(home: Path, tmp_path: Path) -> None:
    """Whatever is in service is kept, of its hash, and stands in the log; all old up to one step, then all new."""
    old = served(home, OLD)
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(home), str(tmp_path / "out")], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    codes = list(map(int, done.stdout.split()))
    assert codes[:-1] == [-signal.SIGKILL] * (len(codes) - 1)
    seen = []
    for folder in sorted(tmp_path.glob("seen-*")):
        update = in_service(folder)[NAME].update
        assert hash_of(kept_update(folder, NAME, "3", update)) == update
        assert update in [one.update for one in logged(folder, NAME)]
        assert line_of(logged(folder, NAME), "3", update)[-1] == update
        seen.append(update)
    assert seen == [old] * seen.count(old) + [hash_of(NEW)] * seen.count(hash_of(NEW))
    assert len(seen) > 7
    assert seen[-1] == hash_of(NEW)
    shutil.rmtree(tmp_path / "out")
