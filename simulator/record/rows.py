"""What systems recorded of a month: rows of the canonical tables, with all that is late, repeated, wrong or missing."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.codes import EXCEPTION_KINDS, X12_STATUS, TenderOutcome
from simulator.flow.loads import NOBODY, Loads
from simulator.flow.orders import HINTS
from simulator.flow.promises import LATE_AFTER_MIN, PLANNED_UNLOADING_MIN, planned_delivery_at
from simulator.flow.tendering import ACCEPTED, CANCELLED, EXPIRED, REASONS, Offers
from simulator.flow.trouble import Troubles, cost, resolved_at, word
from simulator.network.carriers import EQUIPMENT
from simulator.network.clock import DAY
from simulator.network.lanes import BUSINESS_UNITS, CLASSES, MODES
from simulator.network.noise import Floats, Ints
from simulator.network.sites import SHIFTS, TIERS
from simulator.network.world import World
from simulator.record.labels import Labels
from simulator.record.names import names
from simulator.record.reporting import (
    MILESTONES,
    answer_known_at,
    first_told,
    gives_no_reason,
    known_at,
    moved_known_at,
    raised_known_at,
    righted_at,
    to_second,
)
from simulator.record.text import constant, flags, moments, named, numbers, one_of

OUTCOMES = (
    TenderOutcome.ACCEPTED,
    TenderOutcome.REJECTED,
    TenderOutcome.EXPIRED,
    TenderOutcome.CONDITIONAL,
    TenderOutcome.COUNTER_PROPOSAL,
    TenderOutcome.CANCELLED,
)
NO_WEIGHT_SHARE = 0.03
REWEIGHED_SHARE, REWEIGHED_SPREAD = 0.03, 0.1
POSTED_DAYS = 6.0
"""Mean days from settling an exception to its cost on the books."""
SHIPMENT_NOTES = ("standard", *HINTS[1:])
"""What shipments' notes say, by hint; each says something, so that a missing value tells nothing."""
RESOLVERS = ("planner", "carrier", "customer service")
RESOLVER_SHARE = np.array([0.5, 0.3, 0.2])
NOTES = (
    ("minor, handled at the site", "small discrepancy noted", "brief delay, under control"),
    ("see file", "no details", "reported by phone"),
    ("customer upset, line may stop", "full load affected", "major disruption expected"),
)
"""Notes by what they let one guess (:func:`simulator.flow.trouble.word`)."""
AT_THE_CENTRE = (
    "tender_rejected", "tender_expired", "pickup_missed", "short_pick", "inventory_mismatch", "dock_congestion",
)  # fmt: skip
"""Kinds that concern the place where a load starts; all others concern where it goes."""
SOURCE_LIST = "lanewise-refusal"


class Recorder:
    """Turns what happened into rows; nothing that became known after the cut-off is among them."""

    def __init__(self, world: World, labels: Labels) -> None:
        self._world, self._labels = world, labels
        self._cut_off = float(world.clock.days * DAY)

    def shipments(self, released: Loads, taken: Loads, finished: Loads) -> pa.Table:
        """Shipments as released, who takes them or hands them back, and appointments agreed anew."""
        back = taken[np.isfinite(taken.gives_back_at)]
        moved = finished[finished.agreed_until > finished.window_until]
        told = moved_known_at(self._world, moved.key, moved.carrier, moved.halfway_at)
        wrong = self._world.noise.uniform("reweighed", released.key) < REWEIGHED_SHARE
        return self._known(
            pa.concat_tables(
                [
                    self._shipments(released, released.released_at, wrong),
                    self._shipments(taken, self._taken_known(taken)),
                    self._shipments(_nobodys(back), np.maximum(back.gives_back_at, self._taken_known(back)) + 1.0),
                    self._shipments(moved, np.maximum(told, self._taken_known(moved) + 2.0)),
                ]
            )
        )

    def _taken_known(self, taken: Loads) -> Floats:
        """When it was known who takes a load: with the answer to the offer."""
        return answer_known_at(self._world, taken.key, taken.sequence, taken.carrier, taken.covered_at)

    def _shipments(self, loads: Loads, known: Floats, misweighed: NDArray[np.bool_] | None = None) -> pa.Table:
        world, lanes, lane = self._world, self._world.lanes, loads.lane
        customer, key = lanes.customer[lane], loads.key
        error = np.exp(REWEIGHED_SPREAD * world.noise.normal("weighing", key))
        weight = loads.weight_kg * (1.0 if misweighed is None else np.where(misweighed, error, 1.0))
        shift = loads.agreed_until - loads.window_until
        tier = world.customers.tier[customer]
        fine = np.round(world.customers.fine_share[customer] * loads.value, 2)
        clock = world.clock
        return pa.table(
            {
                "shipment_id": self._shipment_id(key),
                "known_at": moments(clock, known),
                "origin_id": named(self._labels.centres, lanes.centre[lane]),
                "destination_id": named(self._labels.customer_sites, customer),
                "customer_id": named(self._labels.customers, customer),
                "carrier_id": named(self._labels.carriers, loads.carrier),
                "business_unit": one_of(BUSINESS_UNITS, lanes.unit[lane]),
                "mode": one_of(MODES, lanes.mode[lane]),
                "equipment": one_of(EQUIPMENT, lanes.equipment[lane]),
                "customer_tier": one_of(TIERS, tier),
                "lane_class": one_of(CLASSES, lanes.volatility[lane]),
                "released_at": moments(clock, loads.released_at),
                "planned_pickup_at": moments(clock, loads.pickup_at),
                "planned_delivery_at": moments(clock, planned_delivery_at(loads)),
                "distance_km": numbers(np.round(lanes.km[lane], 1)),
                "weight_kg": numbers(np.round(weight), world.noise.uniform("no weight", key) < NO_WEIGHT_SHARE),
                "volume_m3": numbers(np.round(loads.pallets * 1.7, 1)),
                "value": numbers(loads.value),
                "late_after_min": numbers(np.full(len(loads), LATE_AFTER_MIN)),
                "late_penalty": numbers(np.where(fine > 0, fine, np.nan)),
                "x_pallets": numbers(loads.pallets),
                "x_note": one_of(SHIPMENT_NOTES, loads.hint),
                "x_window_min": numbers(world.customers.window_min[customer]),
                "x_spot_only": numbers(loads.spot_only.astype(float)),
                "x_appointment_moved_min": numbers(np.round(shift)),
            }
        )

    def tenders(self, offers: Offers) -> pa.Table:
        """Offers and, where it was known by the cut-off, what became of them."""
        world, clock = self._world, self._world.clock
        told = answer_known_at(world, offers.key, offers.sequence, offers.carrier, offers.outcome_at)
        silent = gives_no_reason(world, offers.key, offers.sequence)
        open_still = told > self._cut_off
        said = np.where(
            open_still | silent | np.isin(offers.outcome, (ACCEPTED, EXPIRED, CANCELLED)), -1, offers.reason
        )
        return self._known(
            pa.table(
                {
                    "tender_id": names(world.noise, "tender", offers.key, offers.sequence),
                    "known_at": moments(clock, offers.offered_at),
                    "offered_at": moments(clock, offers.offered_at),
                    "shipment_id": self._shipment_id(offers.key),
                    "carrier_id": named(self._labels.carriers, offers.carrier),
                    "sequence": numbers(offers.sequence),
                    "respond_by": moments(clock, offers.respond_by),
                    "price": numbers(offers.price),
                    "contract": flags(offers.contract),
                    "outcome": one_of((*OUTCOMES, TenderOutcome.OPEN), np.where(open_still, 6, offers.outcome)),
                    "outcome_at": moments(clock, np.where(open_still, np.nan, offers.outcome_at)),
                    "outcome_known_at": moments(clock, np.where(open_still, np.nan, told)),
                    "reason_list": named(pa.array([SOURCE_LIST]), np.where(said < 0, -1, 0)),
                    "reason": one_of(REASONS, said),
                }
            )
        )

    def milestones(self, finished: Loads, cancelled: Loads) -> pa.Table:
        """Reports of what was reached: once or twice, right or wrong, or never."""
        lane = finished.lane
        origin, customer = self._world.lanes.centre[lane], self._world.lanes.customer[lane]
        left = [named(self._labels.centres, origin), named(self._labels.customer_sites, customer)]
        nowhere = named(self._labels.centres, np.full(len(finished), -1))
        planned = finished.pickup_at, finished.pickup_at + PLANNED_UNLOADING_MIN, np.full(len(finished), np.nan)
        parts = []
        for code, at, site, plan in (
            ("X3", finished.arrived_at, left[0], planned[0]),
            ("AF", finished.departed_at, left[0], planned[1]),
            ("X6", finished.halfway_at, nowhere, planned[2]),
            ("X1", finished.reached_at, left[1], finished.window_until),
            ("D1", finished.delivered_at, left[1], planned_delivery_at(finished)),
        ):
            parts += self._reports(code, finished.key, finished.carrier, at, site, plan)
        nobody = np.zeros(len(cancelled), dtype=np.int64)
        place = named(self._labels.centres, self._world.lanes.centre[cancelled.lane])
        parts += self._reports(
            "CA", cancelled.key, nobody, cancelled.cancels_at, place, np.full(len(cancelled), np.nan)
        )
        return self._known(pa.concat_tables(parts, promote_options="permissive"))

    def _reports(
        self, code: str, key: Ints, carrier: Ints, at: Floats, site: pa.Array, planned: Floats
    ) -> list[pa.Table]:
        """First reports, then corrections and repetitions."""
        assert code in MILESTONES
        known = known_at(self._world, code, key, carrier, at)
        again = righted_at(self._world, code, key, known)
        site = site.cast(pa.string())
        return [
            self._milestones(code, key, first_told(self._world, code, key, at), known, site, planned),
            self._milestones(code, key, to_second(at), again, site, planned),
        ]

    def _milestones(
        self, code: str, key: Ints, occurred: Floats, known: Floats, site: pa.Array, planned: Floats
    ) -> pa.Table:
        some, clock = np.flatnonzero(known <= self._cut_off), self._world.clock
        return pa.table(
            {
                "shipment_id": self._shipment_id(key[some]),
                "code_list": constant(X12_STATUS, len(some)),
                "code": constant(code, len(some)),
                "known_at": moments(clock, known[some]),
                "occurred_at": moments(clock, occurred[some]),
                "site_id": site.take(pa.array(some)),
                "planned_at": moments(clock, planned[some]),
            }
        )

    def exceptions(self, troubles: Troubles) -> pa.Table:
        """What was raised and, where it was known by the cut-off, what it cost."""
        world, clock, lanes, lane = self._world, self._world.clock, self._world.lanes, troubles.lane
        key, nth = troubles.key, troubles.nth
        told = raised_known_at(world, key, nth, troubles.raised_at)
        settled = np.maximum(resolved_at(world, troubles), told)
        posted = settled + DAY * POSTED_DAYS * world.noise.exponential("posted", key, nth)
        open_still = posted > self._cut_off
        at_dock = np.isin(troubles.kind, [EXCEPTION_KINDS.index(kind) for kind in AT_THE_CENTRE])
        site = pc.if_else(
            pa.array(at_dock),
            named(self._labels.centres, lanes.centre[lane]).cast(pa.string()),
            named(self._labels.customer_sites, lanes.customer[lane]).cast(pa.string()),
        )
        resolver = world.noise.chosen("resolver", RESOLVER_SHARE, key, nth)
        return self._known(
            pa.table(
                {
                    "exception_id": names(world.noise, "exception", key, nth),
                    "known_at": moments(clock, told),
                    "kind": one_of(EXCEPTION_KINDS, troubles.kind),
                    "raised_at": moments(clock, troubles.raised_at),
                    "shipment_id": self._shipment_id(key),
                    "site_id": site,
                    "customer_id": named(self._labels.customers, lanes.customer[lane]),
                    "carrier_id": named(self._labels.carriers, troubles.carrier),
                    "shift": one_of(SHIFTS, troubles.shift),
                    "impact": numbers(np.where(open_still, np.nan, cost(world, troubles))),
                    "resolved_at": moments(clock, np.where(open_still, np.nan, settled)),
                    "resolved_by": one_of(RESOLVERS, np.where(open_still, -1, resolver)),
                    "resolved_known_at": moments(clock, np.where(open_still, np.nan, posted)),
                    "x_size": numbers(troubles.size),
                    "x_note": self._note(troubles),
                }
            )
        )

    def _note(self, troubles: Troubles) -> pa.Array:
        choice = self._world.noise.chosen("note", np.ones(3), troubles.key, troubles.nth)
        said = word(self._world, troubles) * 3 + choice
        return one_of(tuple(text for group in NOTES for text in group), said)

    def _shipment_id(self, key: Ints) -> pa.Array:
        return names(self._world.noise, "shipment", key)

    def _known(self, rows: pa.Table) -> pa.Table:
        """Rows known by the cut-off; what is not null needs no telling."""
        last = moments(self._world.clock, np.array([self._cut_off]))[0]
        return rows.filter(pc.less_equal(rows["known_at"], last))


def _nobodys(loads: Loads) -> Loads:
    return replace(loads, carrier=np.full(len(loads), NOBODY))
