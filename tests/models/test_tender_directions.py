"""Which way a refusal moves is said of the catalogue's columns; a user's own may be called anything."""

import numpy as np
import pandas as pd
import pytest

from domain.params import ENCODINGS
from models.tender_failure import directions_of, fit_tender_failure
from tests.models.synthetic import SMALL, answer_outcome, frame_of


def test_directions_are_of_the_catalogues_columns() -> None:
    """Prices, lead time and histories of refusals, crossed ones and those of a user's own category too; no others."""
    told = {
        "price": -1,
        "price_vs_lane": -1,
        "to_pickup_min": -1,
        "carrier_failed_7d": 1,
        "all_failed_0.125d": 1,
        "lane_failed_excess_120d": 1,
        "x_note_failed_120d": 1,
        "x_last_failed_reason": 0,
        "x_n_failed_lately": 0,
        "offers_failed": 0,
        "x_price": 0,
        "x_note~failed_words": 0,
    }
    assert dict(zip(told, directions_of(told), strict=True)) == told


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_users_own_columns_may_be_called_like_a_history(encoding: str) -> None:
    """A category whose name ends like a history's has codes without order: it is learned from, and nothing dies."""
    frame = frame_of(900, stages=("offer",))
    values = pd.Series(np.where(np.arange(900) % 3 == 0, "late", "early"), dtype="str", index=frame.index)
    own = frame.assign(x_last_failed_7d=values)
    params = type(SMALL)(**{**vars(SMALL), "encoding": encoding})
    said = fit_tender_failure(own, answer_outcome(own), params).predict(own)
    assert said["p_fail"].between(0, 1).all()
