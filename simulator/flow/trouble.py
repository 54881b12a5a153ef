"""Exceptions: what goes wrong with loads, how big it looked when it was raised, and what it cost in the end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.codes import EXCEPTION_KINDS
from simulator.flow.docks import shift_at
from simulator.flow.engine import expected_arrival
from simulator.flow.loads import Loads
from simulator.flow.tendering import CONDITIONAL, COUNTERED, EXPIRED, REJECTED, Offers
from simulator.network.clock import DAY, HOUR
from simulator.network.columns import Columns
from simulator.network.noise import Floats, Ints
from simulator.network.world import World

MISSED_MIN = 120.0
PUT_OFF_MIN = 12 * HOUR
"""A pickup put off by more than this is booked as missed that long before its new appointment."""
SLIP_MIN = 30.0
FAILED_MIN = 240.0
CONGESTED_H = 5.0
STORMY = 0.35
RAISED_FROM_RANK = 1
"""Refusals further down the guide than this are raised as exceptions."""

COST = dict(
    zip(
        EXCEPTION_KINDS,
        (60, 70, 240, 180, 420, 260, 190, 900, 1_100, 650, 110, 120, 150, 210, 520, 240),
        strict=True,
    )
)
"""Median cost of each kind where nothing special is on record, money."""
FOR_SIZE = 0.35
"""Rise of the logarithm of cost per unit of the logarithm of the size on record (hours, pallets, refusals)."""
FOR_VALUE = 0.30
VALUE_MIDDLE = 9.9
FOR_TIER = np.array([0.45, 0.1, -0.15])
FOR_HARD = 0.18
FOR_WORD = np.array([-0.7, 0.0, 0.75])
"""By what the note lets one guess: something small, nothing, something bad."""
COST_SPREAD = 0.55

SHARES = {
    "inventory_mismatch": 0.012,
    "damaged": 0.009,
    "refused": 0.006,
    "customs_hold": 0.10,
    "document_missing": 0.015,
    "pod_mismatch": 0.012,
    "invoice_mismatch": 0.03,
}
"""Shares of loads; of those at the border for customs."""


@dataclass(frozen=True)
class Troubles(Columns):
    """Exceptions, one entry each.

    Attributes
    ----------
    key
        The load's.
    nth
        Which of the load's exceptions: kind, and offer where there are several.
    kind
        Index into :data:`domain.codes.EXCEPTION_KINDS`.
    raised_at
        Minutes.
    size
        What is on record of its size: hours late, hours at the dock, pallets, refusals; 1 where nothing is.
    lane, carrier, hard, value
        The load's.
    shift
        The centre's: of a refusal when it came, else when the truck arrived.
    """

    key: Ints
    nth: Ints
    kind: Ints
    raised_at: Floats
    size: Floats
    lane: Ints
    carrier: Ints
    shift: Ints
    hard: Floats
    value: Floats


def of_offers(world: World, offers: Offers) -> Troubles:
    """Refusals and silences further down the guide."""
    refused = np.isin(offers.outcome, (REJECTED, CONDITIONAL, COUNTERED))
    raised = (refused | (offers.outcome == EXPIRED)) & (offers.sequence > RAISED_FROM_RANK)
    some = np.flatnonzero(raised)
    kind = np.where(refused, EXCEPTION_KINDS.index("tender_rejected"), EXCEPTION_KINDS.index("tender_expired"))
    return Troubles(
        offers.key[some], 100 + offers.sequence[some], kind[some], offers.outcome_at[some],
        offers.sequence[some].astype(float), offers.lane[some], offers.carrier[some],
        shift_at(world, offers.outcome_at[some], offers.lane[some]), offers.hard[some], offers.value[some],
    )  # fmt: skip


def of_loads(world: World, loads: Loads) -> list[Troubles]:
    """What goes wrong from the dock on."""
    at_dock = (loads.departed_at - loads.loads_from) / HOUR
    slip = expected_arrival(loads) - loads.window_until
    missed = loads.arrived_at - loads.pickup_at
    missed_at = np.maximum(loads.pickup_at + MISSED_MIN, loads.ready_at - PUT_OFF_MIN)
    failed = loads.reached_at - loads.agreed_until
    some = [
        _of(world, loads, "pickup_missed", missed > MISSED_MIN, missed_at, missed / HOUR),
        _of(world, loads, "eta_slip", slip > SLIP_MIN, loads.halfway_at, slip / HOUR),
        _of(world, loads, "delivery_failed", failed > FAILED_MIN, loads.agreed_until + FAILED_MIN, failed / HOUR),
        _of(world, loads, "short_pick", loads.short, loads.departed_at, 1 + np.round(loads.pallets * 0.1)),
        _of(world, loads, "dock_congestion", at_dock > CONGESTED_H, loads.loads_from + CONGESTED_H * HOUR, at_dock),
        _of(world, loads, "equipment_failure", loads.broken_min > 0, loads.halfway_at, loads.broken_min / HOUR),
        _of(world, loads, "weather", loads.storm > STORMY, loads.departed_at + HOUR, 1 + 4 * loads.storm),
    ]
    return some + [_by_chance(world, loads, kind, share) for kind, share in SHARES.items()]


def _by_chance(world: World, loads: Loads, kind: str, share: float) -> Troubles:
    happens = world.noise.uniform("happens " + kind, loads.key) < share
    if kind == "customs_hold":
        happens &= world.customers.border[world.lanes.customer[loads.lane]]
    wait = world.noise.exponential("wait " + kind, loads.key)
    raised = {
        "inventory_mismatch": loads.arrived_at - 2 * HOUR * wait,
        "customs_hold": loads.reached_at,
        "pod_mismatch": loads.delivered_at + DAY * (0.5 + wait),
        "invoice_mismatch": loads.delivered_at + DAY * (3 + 5 * wait),
    }.get(kind, loads.delivered_at)
    size = np.where(kind == "inventory_mismatch", np.ceil(4 * wait), np.ones(len(loads)))
    return _of(world, loads, kind, happens, np.maximum(raised, loads.released_at + 1), size)


def _of(world: World, loads: Loads, kind: str, happens: NDArray[np.bool_], raised_at: Floats, size: Floats) -> Troubles:
    some = np.flatnonzero(happens)
    chosen, code = loads[some], EXCEPTION_KINDS.index(kind)
    return Troubles(
        chosen.key, np.full(len(some), code), np.full(len(some), code), raised_at[some],
        np.round(np.maximum(size[some], 0.1), 1), chosen.lane, chosen.carrier,
        shift_at(world, chosen.arrived_at, chosen.lane), chosen.hard, chosen.value,
    )  # fmt: skip


def word(world: World, troubles: Troubles) -> Ints:
    """What the note lets one guess: 0 something small, 1 nothing, 2 something bad."""
    return world.noise.chosen("word", np.array([0.3, 0.45, 0.25]), troubles.key, troubles.nth)


def cost_law(world: World, troubles: Troubles, hard: Floats) -> Floats:
    """Mean of the logarithm of cost given everything on record and the load's hardness; :data:`COST_SPREAD` wide."""
    tier = world.customers.tier[world.lanes.customer[troubles.lane]]
    base = np.log(np.array([COST[kind] for kind in EXCEPTION_KINDS]))[troubles.kind]
    known = FOR_SIZE * np.log(troubles.size) + FOR_VALUE * (np.log(troubles.value) - VALUE_MIDDLE) + FOR_TIER[tier]
    return base + known + FOR_WORD[word(world, troubles)] + FOR_HARD * hard


def cost(world: World, troubles: Troubles) -> Floats:
    """What each cost in the end, money."""
    chance = world.noise.normal("trouble cost", troubles.key, troubles.nth)
    return np.round(np.exp(cost_law(world, troubles, troubles.hard) + COST_SPREAD * chance), 2)


def resolved_at(world: World, troubles: Troubles) -> Floats:
    """When it was settled."""
    wait = 10 * HOUR * np.exp(0.9 * world.noise.normal("settled", troubles.key, troubles.nth))
    return troubles.raised_at + wait
