"""A kept state is the state that was never interrupted, bit for bit, whatever came in between."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.live import Live
from features.remembering import HORIZON
from features.state.keeper import begin, keeping
from features.state.learned import AGED, forget_aged
from features.state.restored import journal_path, read_state
from features.state.shape import document_of, shape_of
from features.state.snapshot import read_snapshot, write_snapshot
from tests.features.telling import Step, bits, done, kept_world, past, records, steps, told, uninterrupted


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """See :func:`tests.features.telling.kept_world`."""
    return kept_world(tmp_path / "state")


# --- The law -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_snapshot_gives_back_every_bit(seed: int, tmp_path: Path) -> None:
    """A state that was written and read consists of the same bits, the shape included."""
    state, _ = uninterrupted(seed)
    write_snapshot(tmp_path / "snapshot", state)
    again = read_snapshot(tmp_path / "snapshot")
    assert bits(again) == bits(state)
    assert again.shape.manifest == state.manifest
    assert [*again.shape.kinds["shipments"]] == [*state.shape.kinds["shipments"]]


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(["snapshot", "reopen", "both"])), min_size=1, max_size=4),
)
def test_any_cut_into_snapshots_and_journals_answers_alike(
    seed: int, cuts: list[tuple[float, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Wherever a stream is cut, every feature of every model has the bits of the state that was not interrupted."""
    free, answers = uninterrupted(seed)
    folder = tmp_path_factory.mktemp("cut") / "state"
    begin(folder, Live(past(seed).shape()))
    where = {int(part * len(steps(seed))): what for part, what in cuts}
    assert list(_interrupted(folder, steps(seed), where)) == answers
    assert bits(read_state(folder).state) == bits(free)


def _interrupted(folder: Path, story: list[Step], cuts: dict[int, str]) -> Iterator[Any]:
    """What each step came to; at a cut the state is opened again, after snapshots there and three steps later."""
    for first, last in pairwise([0, *sorted(cuts), len(story)]):
        with keeping(folder, sync_every=10_000) as keeper:
            if cuts.get(first) in ("snapshot", "both"):
                keeper.snapshot()
            for number, step in enumerate(story[first:last]):
                if number == 3 and cuts.get(first) == "both":
                    keeper.snapshot()
                yield done(keeper, step)


def test_facts_beyond_the_horizon_are_kept_as_keys_only() -> None:
    """What a correction cannot change any more need not be remembered: forgotten or not, every answer is the same."""
    story = steps(0)
    forgetful, (free, answers) = Live(past(0).shape()), uninterrupted(0)
    found, forgotten = [], 0
    for step in story:
        forget_aged(forgetful)
        found.append(done(forgetful, step))
    for name, stream in forgetful.streams.items():
        forgotten += sum(fact is AGED for fact in stream.facts.values())
        assert not any(fact is AGED for fact in free.streams[name].facts.values())
    assert found == answers
    assert bits(forgetful) == bits(free)
    assert forgotten > 10


def test_corrected_after_it_was_forgotten() -> None:
    """A correction of a forgotten fact changes nothing, and does not count it a second time."""
    states = [told(1, 400) for _ in range(2)]
    name, key, row = _delivered(1, 400)
    for state in states:
        state.advance(state.now + HORIZON + 1)
    forget_aged(states[0])
    assert states[0].streams["deliveries"].facts[key] is AGED
    for state in states:
        before = state.streams["deliveries"].memory.sums.copy()
        state.tell(name, row | {"known_at": state.now, "occurred_at": row["occurred_at"] + 3_600_000_000})
        assert (state.streams["deliveries"].memory.sums == before).all()
    assert bits(states[0]) == bits(states[1])


def _delivered(seed: int, count: int) -> tuple[str, Any, dict[str, Any]]:
    """A delivery among the first records that counts, and the key of its fact."""
    state = told(seed, count)
    word = state.vocabulary.of
    for table, row in records(seed)[:count]:
        if table == "milestones" and row["code"] == "D1":
            names = (row["shipment_id"], row.get("code_list") or "x12-1650", row["code"], row.get("stop") or "")
            columns = ("shipment_id", "code_list", "code", "stop")
            key = tuple(word(column).find(name) for column, name in zip(columns, names, strict=True))
            if key in state.streams["deliveries"].facts:
                return table, key, row
    raise AssertionError("no delivery counts")


def test_shape_is_kept_whole() -> None:
    """What a state can be told is the same after it was written as JSON."""
    shape = past(0).shape()
    again = shape_of(document_of(shape))
    assert document_of(again) == document_of(shape)
    assert {name: one.entities for name, one in again.layouts.items()} == {
        name: one.entities for name, one in shape.layouts.items()
    }
    assert (again.kinds, again.readings) == (shape.kinds, shape.readings)


# --- Crashes -----------------------------------------------------------------------------------------------------

TELLING = """
import sys
from pathlib import Path
from features.state.keeper import keeping
from tests.features.telling import records
with keeping(Path(sys.argv[1]), sync_every=7) as keeper:
    for number, record in enumerate(records(1), 1):
        keeper.tell(*record)
        if number % 40 == 0:
            keeper.snapshot()
        print(number, flush=True)
"""


def in_process(script: str, *arguments: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], env=environment, text=True, stdout=subprocess.PIPE
    )


@pytest.mark.parametrize("at", [39, 200])
def test_killed_while_it_was_told(at: int, tmp_path: Path) -> None:
    """After SIGKILL all that was acknowledged is there, and the state is that of whoever was told as much."""
    begin(tmp_path / "state", Live(past(1).shape()))
    with in_process(TELLING, tmp_path / "state") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == at:
                process.send_signal(signal.SIGKILL)
                break
    state = read_state(tmp_path / "state").state
    count = state.fates.total()
    assert at <= count < len(records(1))
    assert bits(state) == bits(told(1, count))


STEPS = """
import shutil, sys
from pathlib import Path
from features.state.keeper import keeping
from features.state.restored import read_state
from tests.features.telling import bits, records
from tests.store.killing import in_child
old, new = Path(sys.argv[1]), Path(sys.argv[1] + "-new")
state = read_state(old).state
before = bits(state)
state.tell(*records(1)[180])
expected = before, bits(state)

def write():
    with keeping(new, sync_every=1000) as keeper:
        keeper.tell(*records(1)[180])
        keeper.snapshot()

for step in range(1000):
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(old, new)
    code = in_child(write, step)
    found = read_state(new)
    print(code, expected.index(bits(found.state)), len(found.damaged), flush=True)
    if code and step % 6:
        continue
    with keeping(new):
        pass
    assert not [one.name for one in new.iterdir() if one.name[0] == "." and one.name != ".lock"], step
    if code == 0:
        break
"""


def test_killed_at_every_step_of_a_snapshot(tmp_path: Path) -> None:
    """Before whichever step on the disk the writer dies, nothing told is lost, and no half snapshot is taken."""
    kept = kept_world(tmp_path / "state", ("deliveries", "open"))
    with in_process(STEPS, kept) as process:
        found = [[*map(int, line.split())] for line in process.stdout or ()]
    assert process.returncode == 0
    assert {code for code, *_ in found[:-1]} == {-signal.SIGKILL}
    states = [state for _, state, _ in found]
    assert states == sorted(states)
    assert states.count(1) > 30
    assert not any(damaged for *_, damaged in found)


@pytest.mark.parametrize("left", [1, 5, 9, 30, -1])
def test_torn_tail_is_cut_off_and_counted(left: int, kept: Path) -> None:
    """What a crash left of the last record is not taken; the rest is, and the journal goes on behind it."""
    path = journal_path(kept, 3)
    content = path.read_bytes()
    begins = content.rindex(b"\n", 0, -1) + 1
    path.write_bytes(content[: begins + left] if left > 0 else content[:left])
    torn = path.stat().st_size - begins
    found = read_state(kept)
    assert (found.torn_bytes, found.entries) == (torn, 29)
    assert bits(found.state) == bits(told(1, 179))
    with keeping(kept) as keeper:
        assert keeper.restored.torn_bytes == torn
        keeper.tell(*records(1)[179])
    assert path.read_bytes() == content


def test_zeros_after_a_loss_of_power_are_a_torn_tail(kept: Path) -> None:
    """A file system may have made room that was never written."""
    with journal_path(kept, 3).open("ab") as file:
        file.write(bytes(4096))
    assert read_state(kept).torn_bytes == 4096
    assert bits(read_state(kept).state) == bits(told(1, 180))
