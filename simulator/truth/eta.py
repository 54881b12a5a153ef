"""How probable a late delivery was, stage by stage."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.flow.loads import Loads
from simulator.flow.promises import LATE_AFTER_MIN, delay_min
from simulator.flow.tendering import ACCEPTED
from simulator.network.clock import DAY
from simulator.network.columns import Columns
from simulator.network.noise import Floats, Ints
from simulator.record.reporting import known_at, to_second
from simulator.truth.continuation import Chances, Way, find_carriers, last_answer, replicas, resume
from simulator.truth.hearing import CODES, ByReport, BySight, Hearing, moments_of
from simulator.truth.past import Past
from simulator.truth.surroundings import AsBelieved, AsItIs, Ensemble, Sample

STAGES = ("release", "tendered", "X3", "AF", "X6", "X1")
DRAWS = 256
ROWS_AT_ONCE = 32_768


@dataclass(frozen=True)
class EtaTruth(Columns):
    """Probabilities of late deliveries, one entry for each load and stage.

    Attributes
    ----------
    key
        The load.
    stage
        Index into :data:`STAGES`.
    as_of
        Minutes.
    latent, ideal
        Of whom sees all that is hidden and has happened, and of whom sees the record.
    late
        What came about.
    """

    key: Ints
    stage: Ints
    as_of: Floats
    latent: Chances
    ideal: Chances
    late: NDArray[np.bool_]


def eta_truth(past: Past, believed: AsBelieved, draws: int = DRAWS) -> EtaTruth:
    """Work out the probabilities of all loads of a past's sample at all their stages.

    Parameters
    ----------
    draws
        Replicas for each load and stage, at least 2.
    """
    moments = stage_moments(past, past.finished)
    parts = []
    for stage, as_of in enumerate(moments):
        some = np.flatnonzero(np.isfinite(as_of))
        loads = past.finished[some]
        seen = chances(past, loads, as_of[some], BySight(), AsItIs(believed.sample), draws)
        heard = chances(past, loads, as_of[some], ByReport(), believed, draws)
        late = delay_min(loads) > LATE_AFTER_MIN
        parts.append(EtaTruth(loads.key, np.full(len(some), stage), as_of[some], seen, heard, late))
    return EtaTruth.joined(parts)


def stage_moments(past: Past, loads: Loads) -> Floats:
    """When each stage of each load was known, (stages, loads); NaN where it never was, or not before its end."""
    world = past.world
    release = to_second(loads.released_at)
    reports = [
        known_at(world, code, loads.key, loads.carrier, at) for code, at in zip(CODES, moments_of(loads), strict=True)
    ]
    moments = np.stack([release, _first_accepted(past, loads.key), *reports[:4]])
    end = np.fmin(np.where(np.isnan(reports[4]), np.inf, reports[4]), world.clock.days * DAY)
    return np.where((moments >= release) & (moments < end), moments, np.nan)


def _first_accepted(past: Past, key: Ints) -> Floats:
    """When a yes to any offer was first on record."""
    found = np.full(len(key), np.nan)
    for row, there in past.offers_in_turn(key):
        taken = there & (past.offers.outcome[row] == ACCEPTED)
        found = np.where(taken, np.fmin(found, past.told_at[row]), found)
    return found


def chances(past: Past, loads: Loads, as_of: Floats, hearing: Hearing, around: Ensemble, draws: int = DRAWS) -> Chances:
    """Probability that each load is late, as of its moment, in given surroundings.

    Parameters
    ----------
    loads
        As they ended, sorted by key.
    around
        Of any loads; those of these are made from it.
    """
    parts = [_some(past, loads[rows], as_of[rows], hearing, around, draws) for rows in _chunks(len(loads), draws)]
    return Chances.joined([Chances(np.zeros(0), np.zeros(0)), *parts])


def _some(past: Past, loads: Loads, as_of: Floats, hearing: Hearing, around: Ensemble, draws: int) -> Chances:
    at, facts = around.about(Sample(past, loads, as_of)), hearing.facts(past.world, loads, as_of)
    rows, load = replicas(resume(past, loads, facts), draws), np.repeat(np.arange(len(loads)), draws)
    rows.hard = at.hard(loads, rows.key)
    last = np.where(facts.under_way, -1, last_answer(past, hearing, loads.key, as_of))
    weight = find_carriers(at.replicas_world(), at, rows, past.offers, last[load], as_of[load])
    way = Way(at.replicas_world(), hearing, facts, rows, load, weight)
    way.go(at)
    return way.late()


def _chunks(count: int, draws: int) -> Iterator[Ints]:
    step = max(1, ROWS_AT_ONCE // draws)
    return (np.arange(first, min(first + step, count)) for first in range(0, count, step))
