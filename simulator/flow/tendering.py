"""Tenders down the routing guide: who says yes, who says no and why, and who says nothing.

A carrier takes an offer when its utility plus chance is positive (a probit choice). It looks at the price now, the
time it has, how busy it is, the market, the dock it would wait at, and how awkward the load is; it does not look at
how it was treated before (Acocella, Caplice & Sheffi 2020).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from simulator.flow.conditions import Conditions
from simulator.flow.loads import Loads
from simulator.network.clock import HOUR
from simulator.network.columns import Columns
from simulator.network.guide import fair_price
from simulator.network.noise import Floats, Ints
from simulator.network.standing import FOR_LEVEL, standing_utility
from simulator.network.world import World

FOR_HARD_LOADS = 0.50
FOR_RANK = 0.04
"""Loss for each step down the guide: who is asked later wanted the lane less."""
FOR_LOAD, LOAD_FROM = 0.5, 1.0
ON_SPOT = 1.35
SILENT, SILENT_SLOPE = 0.27, 0.14
"""Share of refusals that are silence, in the market's middle, and how it falls per unit of level."""
CONDITIONAL_SHARE, COUNTER_SHARE = 0.04, 0.05
ANSWER_MIN, ANSWER_SPREAD = 32.0, 0.6
WINDOWS_MIN = np.array([60.0, 75.0, 90.0])
"""Time to answer: by how much lead time there is."""
GIVEN_BACK, GIVEN_BACK_FOR_LEVEL, GIVEN_BACK_FOR_HARD = -0.86, 0.10, 0.15
"""A carrier hands a load back after accepting with the probability Φ of these."""
REASONS = ("capacity", "price", "lead_time", "facility", "equipment")
SHORT_LEAD_MIN, AWKWARD_FROM = 24 * HOUR, 1.0
"""Lead time below which, and hardness above which, a refusal may be put down to it."""
LEAD_COUNTS_UNTIL_H = 240.0

ACCEPTED, REJECTED, EXPIRED, CONDITIONAL, COUNTERED, CANCELLED = range(6)


@dataclass
class Offers(Columns):
    """Offers of one round, one entry each.

    ``load`` is the position in the loads they were made for; ``ready_at``, ``hard`` and ``value`` are theirs then.
    """

    load: Ints
    key: Ints
    lane: Ints
    carrier: Ints
    rank: Ints
    sequence: Ints
    price: Floats
    contract: NDArray[np.bool_]
    offered_at: Floats
    respond_by: Floats
    ready_at: Floats
    hard: Floats
    value: Floats
    outcome: Ints
    outcome_at: Floats
    reason: Ints


def utility(
    world: World, at: Conditions, loads: Loads, carrier: Ints, price: Floats, contract: NDArray[np.bool_],
    offered_at: Floats,
) -> Floats:  # fmt: skip
    """What an offer is worth to a carrier, in standard deviations of its chance; accepted when that is overcome."""
    day = world.clock.day(offered_at)
    known = known_utility(world, loads, carrier, price, contract, offered_at)
    market = at.tightness(day, world.origin_region(loads.lane), loads.key)
    busy = at.booked(carrier, world.clock.day(loads.ready_at), loads.key)
    hidden = at.mood(carrier, day, loads.key) - FOR_HARD_LOADS * loads.hard
    return known + hidden - FOR_LEVEL * market - FOR_LOAD * np.clip(busy - LOAD_FROM, 0.0, 2.0)


def known_utility(
    world: World, loads: Loads | Offers, carrier: Ints, price: Floats, contract: NDArray[np.bool_], offered_at: Floats
) -> Floats:
    """The part of the utility that follows from the world's parameters and what is on record."""
    lanes, carriers, lane, day = world.lanes, world.carriers, loads.lane, world.clock.day(offered_at)
    fair = fair_price(lanes, lane) * world.market.contract_index[day]
    standing = standing_utility(
        lanes, world.centres, carriers, lane, carrier, np.clip(np.log(price / fair), -0.5, 0.6),
        np.clip((loads.ready_at - offered_at) / HOUR, 1.0, LEAD_COUNTS_UNTIL_H),
        np.where(day >= carriers.change_day[carrier], carriers.change[carrier], 0.0), world.market.calendar[day],
    )  # fmt: skip
    return standing + np.where(contract, -FOR_RANK * loads.rank, ON_SPOT)


def answered(world: World, at: Conditions, loads: Loads, offers: Offers) -> None:
    """Fill in what carriers answer, and when."""
    noise, key, who = world.noise, offers.key, offers.carrier
    value = utility(world, at, loads, who, offers.price, offers.contract, offers.offered_at)
    accepted = value + noise.normal("response", key, who) > 0
    level = world.market.level[world.clock.day(offers.offered_at)]
    silent = noise.uniform("silent", key, who) < SILENT - SILENT_SLOPE * level
    how = noise.uniform("conditional", key, who)
    refused = np.where(how < CONDITIONAL_SHARE, CONDITIONAL, REJECTED)
    refused = np.where((how >= CONDITIONAL_SHARE) & (how < CONDITIONAL_SHARE + COUNTER_SHARE), COUNTERED, refused)
    refused = np.where(silent, EXPIRED, refused)
    minutes = ANSWER_MIN * np.exp(ANSWER_SPREAD * noise.normal("answer", key, who))
    window = offers.respond_by - offers.offered_at
    offers.outcome = np.where(accepted, ACCEPTED, refused)
    said = offers.offered_at + np.minimum(minutes, 0.95 * window)
    offers.outcome_at = np.where(offers.outcome == EXPIRED, offers.respond_by, said)
    offers.reason = np.where(accepted | silent, -1, reason(world, loads, offers))


def reason(world: World, loads: Loads, offers: Offers) -> Ints:
    """What a refusal is put down to: mostly capacity; short lead time and a hard load are named when they are there."""
    chance = world.noise.uniform("reason", offers.key, offers.carrier)
    return reason_named(chance, loads.ready_at - offers.offered_at < SHORT_LEAD_MIN, loads.hard > AWKWARD_FROM)


def reason_named(chance: Floats, hurried: NDArray[np.bool_], hard: NDArray[np.bool_]) -> Ints:
    """Index into :data:`REASONS` for a draw of chance: a load in a hurry, a hard load, or neither."""
    short = hurried & (chance < 0.3)
    awkward = hard & (chance > 0.6)
    other = np.searchsorted(np.array([0.62, 0.85, 0.93]), chance)
    usual = np.array([0, 1, 4, 3])[other]
    return np.where(short, 2, np.where(awkward, 3, usual))


def answer_window(loads: Loads, offered_at: Floats) -> Floats:
    """Minutes a carrier has to answer."""
    return WINDOWS_MIN[np.searchsorted(np.array([12.0, 36.0]) * HOUR, loads.ready_at - offered_at)]


def gives_back(world: World, loads: Loads, accepted_at: Floats) -> Floats:
    """When a carrier that takes a load at a moment will hand it back; infinite where it keeps it."""
    level = world.market.level[world.clock.day(accepted_at)]
    chance = ndtr(GIVEN_BACK + GIVEN_BACK_FOR_LEVEL * level + GIVEN_BACK_FOR_HARD * loads.hard)
    drawn = world.noise.uniform("gives back", loads.key, loads.carrier)
    share = 0.05 + 0.9 * world.noise.uniform("back when", loads.key, loads.carrier)
    when = accepted_at + share * np.maximum(0.0, loads.ready_at - accepted_at)
    return np.where((drawn < chance) & loads.contract, when, np.inf)
