"""What is unlike anything trained on is told, in the catalogue's words; ordinary later rows hardly ever are."""

import json

import numpy as np
import pandas as pd
import pytest

from models.artifact import load_model, save_model
from models.support import BUDGET, OTHER_BUDGET, Support, columns_used, learn_support
from models.tender_failure import fit_tender_failure
from tests.models.synthetic import SMALL, answer_outcome
from tests.models.test_artifact import MADE

USED = {"carrier_id", "distance_km", "weight_kg", "equipment", "lane_late_7d", "customer_id"}


def offers(rows: int, seed: int = 0) -> pd.DataFrame:
    """Eight carriers, six lanes, three trailers; distances to 900 km; a customer that is new as a matter of course."""
    random = np.random.default_rng(seed)
    lane = random.integers(0, 6, rows)
    text = {
        "stage": np.full(rows, "offer"),
        "carrier_id": random.choice([f"C{k}" for k in range(8)], rows),
        "origin_id": np.array(["A", "B"])[lane % 2],
        "destination_id": np.array(["X", "Y", "Z"])[lane // 2],
        "equipment": random.choice(["van", "reefer", "flatbed"], rows),
        "customer_id": np.array([f"K{k}" for k in np.arange(rows) // 20 + 1000 * seed]),
    }
    frame = pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in text.items()})
    return frame.assign(
        distance_km=random.uniform(50, 900, rows),
        weight_kg=random.lognormal(8, 1, rows),
        load=random.normal(size=rows),
        lane_late_7d=random.random(rows),
    )


SUPPORT = learn_support(offers(3000), USED)
ORDINARY = offers(1, 5).drop(columns="customer_id")


def reason(**changed) -> str | None:
    told = SUPPORT.reasons(ORDINARY.assign(**changed)).iloc[0]
    return None if pd.isna(told) else told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"carrier_id": "C99"}, "carrier_id 'C99' was never seen in training"),
        ({"stage": "raised"}, "the stage 'raised' was never trained on"),
        ({"distance_km": 9000.0}, "distance_km (planned distance) is 9,000, trained on 50"),
        ({"distance_km": -800.0}, "distance_km (planned distance) is -800, trained on 50"),
        ({"origin_id": "X", "destination_id": "A"}, "the lane 'X → A' was never seen in training"),
        ({"equipment": "tank"}, "equipment 'tank' was never seen in training"),
    ],
)
def test_what_was_never_seen_is_told(changed, told):
    """A new carrier, stage, lane and trailer, a distance far beyond; units and meaning are the catalogue's."""
    assert told in reason(**changed)


def test_two_reasons_are_both_told():
    """One sentence for each, the rest of the row unchanged."""
    assert reason(carrier_id="C99", distance_km=9000.0).count(";") == 1


@pytest.mark.parametrize("changed", [{}, {"distance_km": np.nan}, {"distance_km": 950.0}, {"carrier_id": None}])
def test_what_is_usual_missing_or_a_little_beyond_is_not_told(changed):
    """Missing is no value, and a number just outside the range is no stranger."""
    if changed.get("carrier_id", "") is None:
        changed = {"carrier_id": pd.Series([None], dtype="str")}
    assert reason(**changed) is None


def test_ordinary_later_rows_hardly_ever_lie_outside():
    """Of 5,000 later rows of the same law at most 2 %, and none of those trained on."""
    assert SUPPORT.reasons(offers(5000, 9)).notna().mean() <= 0.02
    assert SUPPORT.reasons(offers(3000)).isna().all()


def test_what_is_new_as_a_matter_of_course_is_not_watched():
    """Customers come and go: a value of theirs never seen is nothing new, however much the model uses them."""
    assert "customer_id" not in SUPPORT.values
    assert "carrier_id" in SUPPORT.values


def test_columns_that_do_not_matter_are_not_watched():
    """Neither what no booster splits on, nor history, which is no part of what is asked."""
    learned = learn_support(offers(3000), {"distance_km"})
    assert (set(learned.values), set(learned.ranges)) == (set(), {"distance_km"})
    assert "lane_late_7d" not in SUPPORT.ranges


def test_a_number_that_never_varied_is_not_watched():
    """Silence is 0 or missing at every milestone, where training asks; a plan asks in between."""
    silence = np.where(np.arange(3000) % 3 == 0, np.nan, 0.0)
    learned = learn_support(offers(3000).assign(silence_min=silence), {*USED, "silence_min"})
    assert "silence_min" not in learned.ranges
    assert learned.reasons(ORDINARY.assign(silence_min=99.0)).isna().all()


def test_all_checks_together_keep_within_the_budget():
    """Many columns, each of which drifts a little: on the later part they would together have spoken of few rows."""
    frame = offers(3000)
    drift = np.linspace(0, 1, 3000)
    frame = frame.assign(
        **{f"x_{k}": np.random.default_rng(k).normal(size=3000) + 6 * drift * (k % 2) for k in range(30)}
    )
    learned = learn_support(frame, {*USED, *(f"x_{k}" for k in range(30))})
    assert {name for name in learned.ranges if name.startswith("x_")} >= {f"x_{k}" for k in range(0, 30, 2)}
    later = offers(2000, 3).assign(
        **{f"x_{k}": np.random.default_rng(100 + k).normal(size=2000) + 6 * (k % 2) for k in range(30)}
    )
    assert learned.reasons(later.assign(customer_id="K")).notna().mean() <= 2 * (BUDGET + OTHER_BUDGET)


def test_the_rows_answer_for_themselves():
    """Alone or among others, in whatever order, a row gets the same answer; its index stays."""
    frame = offers(300, 4).assign(carrier_id=lambda told: told["carrier_id"].where(told.index % 7 > 0, "C99"))
    whole = SUPPORT.reasons(frame)
    assert whole.notna().sum() == 43
    shuffled = frame.sample(frac=1, random_state=2)
    pd.testing.assert_series_equal(SUPPORT.reasons(shuffled).sort_index(), whole)
    pd.testing.assert_series_equal(SUPPORT.reasons(frame.iloc[[14]]), whole.iloc[[14]])
    assert SUPPORT.reasons(frame.iloc[:0]).empty


def test_support_is_read_back_as_it_was_written():
    """Plain JSON; without anything learned nothing is told."""
    assert Support.from_json(json.loads(json.dumps(SUPPORT.as_json()))) == SUPPORT
    assert Support().reasons(offers(5)).isna().all()


def test_a_model_tells_and_keeps_its_support(tmp_path):
    """Columns that its boosters split on are watched, a new carrier is told, also by the model read back."""
    frame = offers(2000).assign(load=lambda told: told["distance_km"] / 300 - 1.5)
    model = fit_tender_failure(
        frame, answer_outcome(frame.assign(carrier_id=frame["carrier_id"].replace("C1", "l"))), SMALL
    )
    strange = frame.tail(3).assign(carrier_id="C99")
    told = model.support(strange)
    assert told.str.contains("carrier_id 'C99'").all()
    assert model.support(frame.tail(50)).isna().all()
    save_model(model, MADE, tmp_path / "one")
    pd.testing.assert_series_equal(load_model(tmp_path / "one")[0].support(strange), told)
    assert {"carrier_id"} <= columns_used(model.fails.score.pooled.text)
