"""Realistic joint-plan problems of any size from a seed, written as the problem folder that ``lanewise solve`` reads.

``python -m benchmarks.plan_problems FOLDER CASES [SEED]``. Simulated, and meant to be hard: nothing in it is a record
of a real network. The same cases and seed give the same bytes (with the same pyarrow).

**The world.** Distribution centres of about 510 cases each, of log-normal size, ten to a region; five lanes leave each;
three to five carriers serve a lane: national ones, which meet on many lanes, and regional ones. The plan looks three
days ahead. A case is a load at risk on a lane and day; it has a tier, a business unit, an equipment, a size class
(1–3), pallets that go with it (3–30), a fine that grows with it, and a probability of failing.

**Rows**, about one for four cases (hard unless said):

====================  ==========================  ==========================  =====================================
row                   one for each                amount of a candidate       limit
====================  ==========================  ==========================  =====================================
``carrier_lane_day``  carrier, lane and day       1 load                      Poisson, mean 6, the cheap ones less
``dock_slot``         site and hour               size class 1–3              Poisson, mean 9
``vehicles``          site, shift and equipment   size class 1–3              Poisson, mean 8
``drivers``           site and shift              1, or 2 on long lanes       Poisson, mean 16; every seventh soft
``commitment``        carrier                     pallets                     soft floor; every third a soft ceiling
``review_min``        planners' shift (6)         3–30 minutes                global
``premium_budget``    business unit (8)           cents, 10⁴–10⁵              global
``without_review``    the plan (1)                1 case                      global: largest share of the cases
====================  ==========================  ==========================  =====================================

**Candidates**, about 7.6 a case: do nothing (free of resources), notify, re-tender to a carrier of the lane, expedite,
re-route through a neighbour, re-book the dock, shift a vehicle, split over two carriers, escalate. Each takes up to
three local rows, every tender a commitment (a split two), and all but the first one a global row or two. Some need more
than a row can ever give.

**Costs** in cents: direct cost + fine × probability of failing after the action. Fines are a ladder of contracts (60 %)
or log-normal with a Pareto tail, times the tier and the size.

**Why it is hard.** Prices belong to carriers and lanes, so all cases of a lane want the same cheap carrier; what is
larger is worth more in proportion, the hardest kind of knapsack; rates, probabilities and fines are stepped, so that
equal candidates and equal cases abound; amounts above 1 against small limits leave gaps that no price closes; pallets
and premium cents are knapsacks; floors pull against capacities.

**Exclusions**, one for about forty cases: two loads that may not use the same vehicles (dangerous goods and food).
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.plan_offers import KINDS, Offers, all_offers
from benchmarks.plan_world import (
    CASES_PER_SITE,
    DAYS,
    EQUIPMENT_SHARE,
    HOURS,
    LANE_SHARE,
    LANES,
    NONE,
    SHIFTS,
    Floats,
    Ints,
    Rows,
    Strings,
    World,
    joined,
    loads_of,
    row_names,
    world_of,
)

LOADS, SLOTS, VEHICLES, DRIVERS = 0.7, 0.78, 0.29, 0.19
"""Mean limit of a lane and day (all carriers), a site and hour, a site and shift, for each case there."""
REVIEW_SHARE, PREMIUM_SHARE = 0.5, 0.35
"""Of the minutes and money that everybody's cheapest action would take, what there is."""
WITHOUT_REVIEW_SHARE = 0.45
"""Of all cases, how many may go without review."""
FLOOR_SHARES, CEILING = (0.5, 0.8, 1.1), 1.15
"""A carrier's floor, of the pallets it could get and carry; every third's ceiling, of its floor."""
PALLETS = 14
"""Of a mean load."""
OVERTIME, SHORT_PALLET, LONG_PALLET = 12_000, 350, 200
"""Penalties, cents a unit."""
EXCLUDED_SHARE = 0.025


def problem_tables(cases: int, seed: int = 0) -> dict[str, pa.Table]:
    """Make the four tables of a problem in canonical order (sorted by their ids)."""
    dice = [np.random.default_rng(child) for child in np.random.SeedSequence([seed, cases]).spawn(5)]
    world = world_of(max(2, round(cases / CASES_PER_SITE)), dice[0])
    rows = Rows(world.sites, len(world.left_pct))
    offers = all_offers(loads_of(cases, world, dice[1]), world, rows, dice[2])
    actions, names = _action_ids(offers), row_names(world, rows)
    return {
        "candidates": _candidates(offers, actions),
        "usage": _usage(offers, actions, names),
        "resources": _resources(_limits(cases, offers, world, rows, dice[3]), names, world, rows),
        "exclusions": _exclusions(cases, offers, actions, rows, dice[4]),
    }


def write_tables(folder: Path, cases: int, seed: int = 0) -> None:
    """Write a problem folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in problem_tables(cases, seed).items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


# --- Limits ------------------------------------------------------------------------------------------------------


def _limits(cases: int, offers: Offers, world: World, rows: Rows, rng: np.random.Generator) -> Ints:
    """(count, 4) lo, hi and their penalties of every row, −1 for null."""
    limits = np.full((rows.count, 4), NONE)
    for family, mean in _means(cases * world.weight, world).items():
        limits[rows.block(family), 1] = rng.poisson(mean)
    limits[rows.block("drivers"), 3] = np.where(np.arange(rows.sizes["drivers"]) % 7 == 6, OVERTIME, NONE)
    demand = _cheapest_demand(offers, rows)
    limits[rows.block("commitment")] = _commitments(demand, limits, world, rows, rng)
    limits[rows.block("review_min"), 1] = REVIEW_SHARE * demand[rows.block("review_min")]
    limits[rows.block("premium_budget"), 1] = PREMIUM_SHARE * demand[rows.block("premium_budget")]
    limits[rows.block("without_review"), 1] = WITHOUT_REVIEW_SHARE * cases
    return limits


def _means(at_site: Floats, world: World) -> dict[str, Floats]:
    """Family → mean limit of each of its rows; the dearer a carrier, the more it has left."""
    left = np.where(world.carriers == NONE, 0, 4 + world.extra_pct)
    lane_day = np.repeat(at_site, LANES) * np.tile(LANE_SHARE, world.sites) * LOADS / DAYS
    a_shift = at_site / (DAYS * SHIFTS)
    return {
        "carrier_lane_day": np.repeat(lane_day[:, None] * left / left.sum(axis=1, keepdims=True), DAYS),
        "dock_slot": np.repeat(at_site * SLOTS / (DAYS * HOURS), DAYS * HOURS),
        "vehicles": (np.repeat(a_shift, DAYS * SHIFTS)[:, None] * VEHICLES * EQUIPMENT_SHARE).ravel(),
        "drivers": np.repeat(a_shift * DRIVERS, DAYS * SHIFTS),
    }


def _cheapest_demand(offers: Offers, rows: Rows) -> Ints:
    """(count,) what every row would have to give if each case took its cheapest action."""
    order = np.lexsort((offers.cost, offers.case))
    first = order[np.flatnonzero(np.diff(offers.case, prepend=-1))]
    used = np.bincount(offers.rows[first].ravel(), offers.amounts[first].ravel(), rows.count)
    return used.astype(np.int64)


def _commitments(demand: Ints, limits: Ints, world: World, rows: Rows, rng: np.random.Generator) -> Ints:
    """Soft floors of each carrier, and every third's soft ceiling."""
    capacity = limits[rows.block("carrier_lane_day"), 1].reshape(-1, DAYS).sum(axis=1)
    known = world.carriers.ravel() != NONE
    carried = PALLETS * np.bincount(world.carriers.ravel()[known], capacity[known], rows.carriers)
    possible = np.minimum(demand[rows.block("commitment")], carried)
    floor = np.rint(possible * rng.choice(FLOOR_SHARES, rows.carriers))
    capped = np.arange(rows.carriers) % 3 == 0
    ceiling, penalty = np.where(capped, np.ceil(floor * CEILING), NONE), np.where(capped, LONG_PALLET, NONE)
    return np.column_stack([floor, ceiling, np.full(rows.carriers, SHORT_PALLET), penalty]).astype(np.int64)


# --- Tables ------------------------------------------------------------------------------------------------------


def _action_ids(offers: Offers) -> Strings:
    """``<case>/<kind>`` with what tells equal kinds apart."""
    first, second = (np.where(code == NONE, "", np.char.mod(":%03d", code)) for code in (offers.first, offers.second))
    return joined(
        _case_ids(offers.case), "/", pa.array(KINDS).take(pa.array(offers.kind)), pa.array(first), pa.array(second)
    )


def _case_ids(case: Ints) -> Strings:
    return joined("S", case, width=7)


def _candidates(offers: Offers, actions: Strings) -> pa.Table:
    return pa.table({"case_id": _case_ids(offers.case), "action_id": actions, "cost_cents": offers.cost})


def _usage(offers: Offers, actions: Strings, names: Strings) -> pa.Table:
    action, column = np.nonzero(offers.amounts)
    row = offers.rows[action, column]
    order = np.lexsort((_ranks(names)[row], action))
    action, row = action[order], row[order]
    amount = offers.amounts[action, column[order]]
    return pa.table(
        {"action_id": actions.take(pa.array(action)), "resource_id": names.take(pa.array(row)), "amount": amount}
    )


def _ranks(names: Strings) -> Ints:
    ranks = np.empty(len(names), np.int64)
    ranks[pc.sort_indices(names).to_numpy()] = np.arange(len(names))
    return ranks


def _resources(limits: Ints, names: Strings, world: World, rows: Rows) -> pa.Table:
    """All rows but those of carriers that are not in the guide."""
    there = np.ones(rows.count, bool)
    there[rows.block("carrier_lane_day")] = np.repeat(world.carriers.ravel() != NONE, DAYS)
    which = np.flatnonzero(there)[np.argsort(_ranks(names)[there])]
    columns = ("lo", "hi", "penalty_lo_cents", "penalty_hi_cents")
    nullable = {name: pa.array(limits[which, k], mask=limits[which, k] == NONE) for k, name in enumerate(columns)}
    return pa.table({"resource_id": names.take(pa.array(which)), **nullable})


def _exclusions(cases: int, offers: Offers, actions: Strings, rows: Rows, rng: np.random.Generator) -> pa.Table:
    """Pairs of different cases that want the same vehicles."""
    vehicles = rows.block("vehicles")
    action, column = np.nonzero((offers.rows >= vehicles.start) & (offers.rows < vehicles.stop) & (offers.amounts > 0))
    order = np.lexsort((rng.random(len(action)), offers.rows[action, column]))
    action, row = action[order], offers.rows[action, column][order]
    pairs = np.flatnonzero((row[1:] == row[:-1]) & (offers.case[action[1:]] != offers.case[action[:-1]]))
    drawn = rng.permutation(pairs)[: round(EXCLUDED_SHARE * cases)]
    pair = np.sort(np.column_stack([action[drawn], action[drawn + 1]]), axis=1)
    pair = pair[np.lexsort((pair[:, 1], pair[:, 0]))]
    return pa.table({f"action_id_{k + 1}": actions.take(pa.array(pair[:, k])) for k in range(2)})


def main(folder: str, cases: str, seed: str = "0") -> None:
    """Write a problem folder."""
    write_tables(Path(folder), int(cases), int(seed))


if __name__ == "__main__":
    main(*sys.argv[1:])
