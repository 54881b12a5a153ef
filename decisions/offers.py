"""Offers that nobody has made yet, scored as if they were: any carrier, any price, later and after more refusals."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.predictions import STAGE_OFFER, ModelName
from features.frame import FeatureFrames

USUAL: Mapping[str, float] = {"contract": 1.0, "answer_time_min": 60.0}
"""What an offer is taken to be where nobody says: under contract, to be answered within the hour. LightGBM reads a
gap in a column that never had one as 0, and a contract of 0 is the spot market, where hardly anybody refuses."""
GOES_DOWN, GOES_UP = ("to_pickup_min", "to_delivery_min"), ("offers_failed", "sequence")


def offer_frame(frames: FeatureFrames, offers: pd.DataFrame) -> pd.DataFrame:
    """Features of n offers that need not have been made.

    Parameters
    ----------
    offers
        ``shipment_id``, ``carrier_id``, ``as_of``, and any column of a tender with the value it would have. What is
        not said is as usual (:data:`USUAL`); the place in the guide is one after the refusals known.
    """
    asked = offers.assign(subject_id=offers["shipment_id"], stage=STAGE_OFFER)
    return as_usual(frames.of(ModelName.TENDER_FAILURE, asked))


def as_usual(frame: pd.DataFrame) -> pd.DataFrame:
    """Features of offers with what they do not say as it usually is."""
    usual = {name: frame[name].fillna(value) for name, value in USUAL.items() if name in frame}
    if "sequence" in frame:
        usual["sequence"] = frame["sequence"].fillna(frame["offers_failed"] + 1.0)
    return frame.assign(**usual)


def later(frame: pd.DataFrame, minutes: NDArray[np.float64], refusals: NDArray[np.float64]) -> pd.DataFrame:
    """The same offers, each made so many minutes later and after so many more refusals; all else as it is now."""
    moved = {name: frame[name] - minutes for name in GOES_DOWN if name in frame}
    return frame.assign(**moved, **{name: frame[name] + refusals for name in GOES_UP if name in frame})
