"""Tender failure: the probability that a carrier will not take a load it is offered.

Where economics says which way a column moves a refusal, the boosters may only move it that way (decision 0017): more
money and more time never raise it, and a history of refusals never lowers it. Calibration rises with the margin, so a
higher price never raises ``p_fail``, whatever else is known of the offer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.params import TrainingParams
from domain.predictions import ModelName
from models.boosting import Learner
from models.encoder import Encoder
from models.explanation import Explanation, explain_head
from models.head import Head, fit_head
from models.model import need_both, when_known
from models.ready import ready_to_fit
from models.recipe import AS_SET, Recipe
from models.selection import offer_weights
from models.support import Support, learn_support

DIRECTIONS = {
    "price": -1,
    "price_per_km": -1,
    "price_vs_lane": -1,
    "to_pickup_min": -1,
    r".+_failed(_excess)?_[\d.]+d": 1,
}
"""Columns, by pattern, of which more may only raise (1) or only lower (−1) the refusal: those that follow from the
price, lead time, and histories of refusals. Of a user's own columns nothing is presumed."""


@dataclass(frozen=True)
class TenderFailure:
    """P(fails) of an offer."""

    encoder: Encoder
    fails: Head
    recipe: Recipe = AS_SET
    known: Support = field(default_factory=Support)
    name: ClassVar[ModelName] = ModelName.TENDER_FAILURE

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``p_fail``."""
        p_fail = self.fails.probability(self.encoder.matrix(frame), frame["stage"].to_numpy())
        return pd.DataFrame({"p_fail": p_fail}, index=frame.index)

    def explain(self, frame: pd.DataFrame) -> Explanation:
        """Contributions to the log-odds of failing."""
        return explain_head("the tender fails", self.fails, self.encoder, frame)

    def support(self, frame: pd.DataFrame) -> pd.Series:
        """Why each of n rows lies outside what the model was trained on, null where it does not."""
        return self.known.reasons(frame)

    @property
    def heads(self) -> Mapping[str, Head]:
        """One: ``fails``."""
        return {"fails": self.fails}

    def answers(self, outcome: pd.DataFrame) -> Mapping[str, NDArray[np.float64]]:
        """1 for a failed offer."""
        return {"fails": outcome["value"].to_numpy(np.float64)}

    def with_heads(self, heads: Mapping[str, Head]) -> "TenderFailure":
        """The same model with another head."""
        return replace(self, fails=heads["fails"])

    def save(self, folder: Path) -> dict[str, Any]:
        """One booster and its calibration."""
        return {
            "encoder": self.encoder.as_json(),
            "fails": self.fails.save(folder, "fails"),
            "recipe": self.recipe.as_json(),
            "support": self.known.as_json(),
        }

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "TenderFailure":
        """Read back what :meth:`save` wrote."""
        fails, recipe = Head.load(folder, "fails", document["fails"]), Recipe(**document["recipe"])
        return cls(Encoder.from_json(document["encoder"]), fails, recipe, Support.from_json(document["support"]))


def fit_tender_failure(
    frame: pd.DataFrame, outcome: pd.DataFrame, params: TrainingParams, learner: Learner | None = None
) -> TenderFailure:
    """Fit on n offers in time order; ``outcome`` has ``value`` 1.0 for a failed one."""
    need_both(outcome["value"], "failed", "accepted")
    failed = outcome["value"].to_numpy(np.float64)
    ready = ready_to_fit(frame, outcome, failed, params, learner, directions_of, offer_weights(frame))
    fails = fit_head(ready.table, frame["stage"].to_numpy(), ready.params, when_known(outcome))
    return TenderFailure(ready.encoder, fails, ready.recipe, learn_support(frame, fails.used))


def directions_of(columns: Iterable[str]) -> tuple[int, ...]:
    """The direction of each column, 0 where nothing is said of it."""
    said = [[way for name, way in DIRECTIONS.items() if re.fullmatch(name, column)] for column in columns]
    return tuple(ways[0] if ways else 0 for ways in said)
