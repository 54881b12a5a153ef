"""Feature frames with outcomes whose law is known."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from domain.params import TrainingParams
from models.eta_risk import fit_eta_risk
from models.severity import fit_severity
from models.tender_failure import fit_tender_failure

SMALL = TrainingParams(seed=5, threads=1, max_trees=20, learning_rate=0.2, leaves=8, min_leaf_rows=20)
WORDS = ("broken axle", "flat tyre", "no driver", "driver ill", "snow on road", "road closed")


def frame_of(rows: int, seed: int = 0, stages: tuple[str, ...] = ("release",)) -> pd.DataFrame:
    """Numbers, a category of few values, one of many, and short text."""
    random = np.random.default_rng(seed)
    text = [f"{WORDS[k]} {n}" for k, n in zip(random.integers(0, 6, rows), random.integers(0, 200, rows), strict=True)]
    return pd.DataFrame(
        {
            "stage": pd.Series(random.choice(stages, rows), dtype="str"),
            "load": random.normal(size=rows),
            "distance_km": np.where(random.random(rows) < 0.1, np.nan, random.uniform(10, 900, rows)),
            "last_lateness_min": random.normal(0, 30, rows),
            "late_after_min": np.where(random.random(rows) < 0.7, np.nan, 30.0),
            "carrier_id": pd.Series(random.choice(["k", "l", "m"], rows), dtype="str"),
            "customer_id": pd.Series([f"c{n}" for n in random.integers(0, rows // 4, rows)], dtype="str"),
            "x_note": pd.Series(text, dtype="str"),
        }
    )


def true_centre(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Centre of the delay in minutes: the load, the lateness so far, the carrier."""
    return np.asarray(15 * frame["load"] + 0.8 * frame["last_lateness_min"] + 20.0 * (frame["carrier_id"] == "l"))


def delays_of(frame: pd.DataFrame, seed: int = 1) -> NDArray[np.float64]:
    """Location and scale: the spread is 5 minutes, or 15 where the load is high."""
    spread = np.where(frame["load"] > 0, 15.0, 5.0)
    return true_centre(frame) + spread * np.random.default_rng(seed).normal(size=len(frame))


def delay_outcome(frame: pd.DataFrame, seed: int = 1, late_after_min: float = 15.0) -> pd.DataFrame:
    """What a model of delays is fitted on."""
    delay = delays_of(frame, seed)
    allowed = frame["late_after_min"].fillna(late_after_min)
    return pd.DataFrame({"value": delay, "late": (delay > allowed).astype("float64"), "late_after_min": allowed})


def true_probability(frame: pd.DataFrame) -> NDArray[np.float64]:
    """P(fails) of an offer."""
    return np.asarray(expit(-0.5 + frame["load"] + 1.0 * (frame["carrier_id"] == "l")))


def answer_outcome(frame: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Answers drawn with their known probability."""
    drawn = np.random.default_rng(seed).random(len(frame)) < true_probability(frame)
    return pd.DataFrame({"value": drawn.astype("float64")})


def impact_outcome(frame: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Impacts on both sides of each threshold."""
    noise = np.random.default_rng(seed).normal(size=len(frame))
    return pd.DataFrame({"value": np.exp(4 + true_centre(frame) / 30 + noise)})


def fitted_all(rows: int, stages: tuple[str, ...] = ("AF", "AF", "AF", "release")) -> dict[str, Any]:
    """One model of each kind, fitted on the same frame."""
    frame = frame_of(rows, stages=stages)
    return {
        "eta_risk": fit_eta_risk(frame, delay_outcome(frame), 15.0, SMALL),
        "tender_failure": fit_tender_failure(frame, answer_outcome(frame), SMALL),
        "severity": fit_severity(frame, impact_outcome(frame), (30.0, 90.0, 240.0), SMALL),
    }
