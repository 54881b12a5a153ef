"""Weights that make up for carriers being asked where they were always asked."""

import numpy as np
import pandas as pd
import pytest

from models.selection import CLIP, offer_weights


def offers(often: int) -> pd.DataFrame:
    """Carrier k is asked on lane A → C ``often`` times and once on B → C; carrier l the other way round."""
    rows = [("A", "k")] * often + [("B", "k"), ("A", "l")] + [("B", "l")] * often
    frame = pd.DataFrame(rows, columns=["origin_id", "carrier_id"], dtype="str")
    return frame.assign(destination_id="C", offers_failed=np.arange(len(frame)) % 2 * 1.0)


def test_what_is_rarely_offered_weighs_more() -> None:
    """The one offer on the other lane outweighs each of the many, and the mean stays 1."""
    weights = offer_weights(offers(200))
    assert weights is not None
    assert weights.mean() == pytest.approx(1.0)
    assert weights[200] > 1.5 * weights[0]
    assert weights.max() / weights.min() <= np.sqrt(CLIP[1] / CLIP[0])


def test_the_weight_is_the_root_of_share_over_propensity() -> None:
    """Worked out by hand: share 1/2; of 201 offers of the lane 200 or 1 are the carrier's, and 10 · 1/2 beside 10."""
    weights = offer_weights(offers(200))
    assert weights is not None
    ratios = [min(0.5 / ((asked + 5) / 211), CLIP[1]) for asked in (200, 1)]
    assert weights[200] / weights[0] == pytest.approx(np.sqrt(ratios[1] / ratios[0]))


def test_where_all_are_asked_alike_all_weigh_alike() -> None:
    """And names in another order change nothing."""
    rows = [(origin, carrier) for origin in "AB" for carrier in "kl"] * 30
    frame = pd.DataFrame(rows, columns=["origin_id", "carrier_id"], dtype="str")
    frame = frame.assign(destination_id="C", offers_failed=1.0)
    np.testing.assert_allclose(offer_weights(frame), 1.0)
    order = np.random.default_rng(1).permutation(402)
    mixed = offer_weights(offers(200).iloc[order])
    np.testing.assert_allclose(mixed, offer_weights(offers(200))[order])  # type: ignore[index]


def test_without_lanes_nothing_is_weighed() -> None:
    """Data that name no carrier or no lane are learned as they are."""
    assert offer_weights(offers(3).drop(columns="carrier_id")) is None
    assert offer_weights(offers(3).drop(columns="origin_id")) is None


def test_where_no_load_goes_on_nothing_is_weighed() -> None:
    """Without a second offer to anybody there is no choice of carriers to make up for."""
    assert offer_weights(offers(200).assign(offers_failed=0.0)) is None
