"""Tender failure: the probability that a carrier will not take a load it is offered."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from domain.params import TrainingParams
from domain.predictions import ModelName
from models.encoder import Encoder
from models.explanation import Explanation, explain_head
from models.head import Head, fit_head
from models.model import need_both
from models.ready import ready_to_fit
from models.recipe import AS_SET, Recipe


@dataclass(frozen=True)
class TenderFailure:
    """P(fails) of an offer."""

    encoder: Encoder
    fails: Head
    recipe: Recipe = AS_SET
    name: ClassVar[ModelName] = ModelName.TENDER_FAILURE

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``p_fail``."""
        p_fail = self.fails.probability(self.encoder.matrix(frame), frame["stage"].to_numpy())
        return pd.DataFrame({"p_fail": p_fail}, index=frame.index)

    def explain(self, frame: pd.DataFrame) -> Explanation:
        """Contributions to the log-odds of failing."""
        return explain_head("the tender fails", self.fails, self.encoder, frame)

    def save(self, folder: Path) -> dict[str, Any]:
        """One booster and its calibration."""
        fails = self.fails.save(folder, "fails")
        return {"encoder": self.encoder.as_json(), "fails": fails, "recipe": self.recipe.as_json()}

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "TenderFailure":
        """Read back what :meth:`save` wrote."""
        fails, recipe = Head.load(folder, "fails", document["fails"]), Recipe(**document["recipe"])
        return cls(Encoder.from_json(document["encoder"]), fails, recipe)


def fit_tender_failure(frame: pd.DataFrame, outcome: pd.DataFrame, params: TrainingParams) -> TenderFailure:
    """Fit on n offers in time order; ``outcome`` has ``value`` 1.0 for a failed one."""
    need_both(outcome["value"], "failed", "accepted")
    ready = ready_to_fit(frame, outcome, outcome["value"].to_numpy(np.float64), params)
    fails = fit_head(ready.table, frame["stage"].to_numpy(), ready.params)
    return TenderFailure(ready.encoder, fails, ready.recipe)
