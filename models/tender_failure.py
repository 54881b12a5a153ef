"""Tender failure: the probability that a carrier will not take a load it is offered."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.params import TrainingParams
from domain.predictions import ModelName
from models.encoder import Encoder, learn_encoder
from models.explanation import Explanation, explain_head
from models.head import Head, fit_head
from models.model import need_both, table_of, when_known
from models.support import Support, learn_support


@dataclass(frozen=True)
class TenderFailure:
    """P(fails) of an offer."""

    encoder: Encoder
    fails: Head
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
            "support": self.known.as_json(),
        }

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "TenderFailure":
        """Read back what :meth:`save` wrote."""
        known = Support.from_json(document["support"])
        return cls(Encoder.from_json(document["encoder"]), Head.load(folder, "fails", document["fails"]), known)


def fit_tender_failure(frame: pd.DataFrame, outcome: pd.DataFrame, params: TrainingParams) -> TenderFailure:
    """Fit on n offers in time order; ``outcome`` has ``value`` 1.0 for a failed one."""
    need_both(outcome["value"], "failed", "accepted")
    encoder = learn_encoder(frame)
    table = table_of(encoder, frame, outcome["value"])
    fails = fit_head(table, frame["stage"].to_numpy(), params, when_known(outcome))
    return TenderFailure(encoder, fails, learn_support(frame, fails.used))
