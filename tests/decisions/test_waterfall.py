"""The waterfall of a load: the model's refusals, the lane's prices and the carriers' times, joined."""

from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd
import pytest

from decisions.waterfall import LoadWaterfall, load_waterfall
from domain.errors import LanewiseError, NotThere
from domain.params import CostParams
from models.support import Support
from tests.decisions.conftest import Tendered
from tests.simulator.histories import altered

COSTS = CostParams()


@pytest.fixture(scope="module")
def load(tendered: Tendered) -> tuple[str, datetime]:
    """A load on a lane with a guide of several carriers, a few minutes after its release."""
    shipments = tendered.dataset.table("shipments").drop_duplicates("shipment_id")
    guided = tendered.dataset.table("rates").groupby(["origin_id", "destination_id"])["carrier_id"].nunique()
    lanes = pd.MultiIndex.from_frame(shipments[["origin_id", "destination_id"]])
    ahead = shipments["planned_pickup_at"] - shipments["known_at"]
    wanted = shipments[(guided.reindex(lanes).to_numpy() >= 4) & (ahead > timedelta(hours=24)).to_numpy()]
    row = wanted.iloc[len(wanted) // 2]
    return row["shipment_id"], (row["known_at"] + timedelta(minutes=3)).to_pydatetime()


def found(tendered: Tendered, load: tuple[str, datetime], **more: object) -> LoadWaterfall:
    return load_waterfall(tendered.frames, tendered.model, *load, COSTS, **more)  # type: ignore[arg-type]


def test_the_best_plan_costs_no_more_than_the_guide(tendered: Tendered, load: tuple[str, datetime]) -> None:
    """Whatever spot costs, and however many are asked; the guide is asked in its order at its prices."""
    rates = tendered.dataset.table("rates")
    for spot in (None, 500.0, 50_000.0):
        made = found(tendered, load, spot=spot)
        assert made.best.figures.cost <= made.guide.figures.cost + 1e-9
        prices = {one.carrier_id: one.price for one in made.guide.offers}
        for carrier, price in prices.items():
            assert price in set(rates.loc[rates["carrier_id"] == carrier, "price"])
    assert found(tendered, load, spot=1.0).best.offers == ()


def test_carriers_are_asked_as_named_also_new_ones(tendered: Tendered, load: tuple[str, datetime]) -> None:
    """One that was never seen on the lane stands at the lane's middle price; a name said twice is asked once."""
    guide = [one.carrier_id for one in found(tendered, load).guide.offers]
    fresh = min(set(tendered.dataset.table("carriers")["carrier_id"]) - set(guide))
    made = found(tendered, load, carriers=[fresh, guide[0], fresh])
    assert [one.carrier_id for one in made.guide.offers] == [fresh, guide[0]]
    assert all(0 < one.p_fail < 1 for one in made.guide.offers)


def test_who_was_never_seen_is_said_to_be_outside_of_training(tendered: Tendered, load: tuple[str, datetime]) -> None:
    """That it was never offered anything, and in the model's words, for the price offered; the guide's are inside."""
    guide = found(tendered, load).guide.offers
    dearest = max(one.price for one in guide)
    known = Support(
        values={"carrier_id": tuple(one.carrier_id for one in guide)}, ranges={"price": (0.0, dearest, 0.0)}
    )
    carriers = tendered.dataset.table("carriers")
    beside = pd.concat([carriers, carriers.head(1).assign(carrier_id="nobody")], ignore_index=True)
    frames = type(tendered.frames)(altered(tendered.dataset, carriers=beside))
    watched = replace(tendered, frames=frames, model=replace(tendered.model, known=known))
    assert {one.out_of_support for one in found(watched, load).guide.offers} == {None}
    made = found(watched, load, carriers=["nobody", guide[0].carrier_id], spot=50_000.0)
    new, usual = made.guide.offers
    assert usual.out_of_support is None
    never = "carrier nobody has never been met in the tenders known by then"
    assert new.out_of_support == f"{never}; carrier_id 'nobody' was never seen in training"
    silent = found(replace(watched, model=tendered.model), load, carriers=["nobody", guide[0].carrier_id])
    assert [one.out_of_support for one in silent.guide.offers] == [never, None]
    for one in made.best.offers:
        told = one.out_of_support or ""
        assert ("nobody" in told) == (one.carrier_id == "nobody")
        assert ("price" in told) == (one.price > dearest)


def test_what_became_of_the_loads_own_offers_is_told(tendered: Tendered, load: tuple[str, datetime]) -> None:
    """A refusal known by then: that carrier is left out; the next one's acceptance: what follows is without it too."""
    before = [one.carrier_id for one in found(tendered, load).guide.offers]
    tenders = tendered.dataset.table("tenders").astype({"shipment_id": "str", "carrier_id": "str"})
    when = pd.Timestamp(load[1]) - timedelta(minutes=2)
    made = {"known_at": when, "offered_at": when, "outcome_at": when, "outcome_known_at": when, "shipment_id": load[0]}
    own = tenders.head(2).assign(
        **made, tender_id=["X1", "X2"], carrier_id=before[:2], outcome=["rejected", "accepted"]
    )
    history = pd.concat([tenders[tenders["shipment_id"] != load[0]], own]).sort_values(["known_at", "tender_id"])
    frames = type(tendered.frames)(altered(tendered.dataset, tenders=history.reset_index(drop=True)))
    told = found(replace(tendered, frames=frames), load)
    assert [one.carrier_id for one in told.guide.offers] == before[2:]
    assert [one.carrier_id for one in told.standing.refused] == before[:1]
    assert told.standing.accepted is not None
    assert told.standing.accepted.carrier_id == before[1]
    assert {one.carrier_id for one in told.best.offers} <= set(before[2:])
    assert told.spot == found(tendered, load).spot


def test_less_time_covers_no_more_often(tendered: Tendered, load: tuple[str, datetime]) -> None:
    """With notice that leaves an hour, the guide is covered less often than with all the time there is."""
    whole = found(tendered, load)
    hurried = found(tendered, load, notice_h=whole.hours_left + 2.0 - 1.0)
    assert hurried.hours_left == pytest.approx(1.0)
    assert hurried.guide.figures.p_covered < whole.guide.figures.p_covered


def test_what_cannot_be_answered_is_refused(tendered: Tendered, load: tuple[str, datetime]) -> None:
    """A load never known, one known only later, no time left, nobody on the lane: each with its reason."""
    with pytest.raises(NotThere, match="'nobody'"):
        found(tendered, ("nobody", load[1]))
    with pytest.raises(NotThere, match="not known by then"):
        found(tendered, (load[0], load[1] - timedelta(days=2)))
    with pytest.raises(LanewiseError, match="minutes are left"):
        found(tendered, load, notice_h=1_000.0)
    for spot in (float("inf"), float("nan"), -1.0, 0.0, 2e12):
        with pytest.raises(LanewiseError, match="spot market must be above 0 and at most 1,000,000,000,000, but is"):
            found(tendered, load, spot=spot)
    for notice in (float("inf"), float("nan"), -1.0):
        with pytest.raises(LanewiseError, match="notice must be from 0 to 8,760 hours"):
            found(tendered, load, notice_h=notice)
    bare = altered(
        tendered.dataset,
        rates=tendered.dataset.table("rates").head(0),
        tenders=tendered.dataset.table("tenders").head(0),
    )
    frames = type(tendered.frames)(bare)
    with pytest.raises(NotThere, match="no carrier with a price"):
        found(replace(tendered, frames=frames), load)
