"""The engine one event and one question at a time: what it costs, and that the bits are those of the scan."""

import time
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.engine_stream import Work, engine, event_by_event
from features.entities import LONG_DAYS, STREAMS, Stream
from features.history import PRIOR_WEIGHT
from features.kernel import EMPTY
from features.memory import MICROSECONDS_PER_DAY, Events, Layout, Memory
from features.records import Names
from features.shrinkage import shrunk_means

EVENTS, PASSES = 5_000, 7
NAMES = 1_000
"""Entities of each kind that are met."""
BIT_EVENTS = 200_000


def bits_line(work: Work) -> str:
    """How many outputs of the scan are the same bits when events come one at a time."""
    questions, singly = event_by_event(work, min(BIT_EVENTS, work.known.size))
    scanned = engine(work)[questions]
    share = float((scanned.view(np.int64) == singly.view(np.int64)).mean())
    if share < 1.0:
        raise SystemExit(f"the scan should give the bits of event by event, but only {share:.4%} are the same")
    return f"Event by event: {singly.size:,} outputs after up to {BIT_EVENTS:,} events, {share:.0%} equal bit for bit."


def online_lines() -> Iterator[str]:
    """One line for each stream of the catalogue, with its entities, slots known."""
    for stream in STREAMS.values():
        learned, answered = _costs_us(stream)
        entities, spans = len(stream.entities), len(stream.half_lives_days)
        yield f"| {stream.name} | {entities} | {spans} | {learned:.1f} | {answered:.1f} |"


def _costs_us(stream: Stream) -> tuple[float, float]:
    """Microseconds to learn an event and to answer a question, means and all where the stream has values."""
    layout, random = Layout(stream, stream.entities), np.random.default_rng(0)
    moments = np.sort(random.integers(0, 365 * MICROSECONDS_PER_DAY, EVENTS))
    slots: Names = random.integers(0, NAMES, (EVENTS, len(stream.entities))) + NAMES * np.arange(len(stream.entities))
    changes = np.concatenate([np.ones((EVENTS, 1)), random.random((EVENTS, len(stream.values)))], axis=1)
    events = Events(moments, moments, changes, slots.astype(np.int32))
    singly = [events.part(k, k + 1) for k in range(EVENTS)]
    until, memory = int(moments[-1]), Memory(layout, NAMES * len(stream.entities))
    long = stream.half_lives_days.index(LONG_DAYS) if stream.values else -1

    def learn() -> None:
        memory.sums[:], memory.periods[:] = 0.0, EMPTY  # from the beginning each time: knowledge never goes back
        for event in singly:
            memory.learn(event)

    def answer() -> None:
        for event in singly:
            sums = memory.recall(event.slots, until)
            if stream.values:
                shrunk_means(sums, layout.parents, layout.kept, long, PRIOR_WEIGHT)

    return _each_us(learn), _each_us(answer)


def _each_us(all_of_them: Callable[[], None]) -> float:
    seconds = []
    for _ in range(PASSES):
        begun = time.perf_counter()
        all_of_them()
        seconds.append(time.perf_counter() - begun)
    return min(seconds) / EVENTS * 1e6
