"""Exception severity: class probabilities from "is the impact above this threshold?", asked once per threshold.

The ordinal scheme of Frank & Hall (2001): P(class k) = P(impact > t_k) − P(impact > t_{k+1}).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.errors import CannotTrain
from domain.params import TrainingParams
from domain.predictions import PREDICTED_COLUMNS, ModelName
from models.boosting import Learner
from models.encoder import Encoder
from models.explanation import Explanation, explain_head
from models.head import Head, fit_head
from models.model import when_known
from models.ready import ready_to_fit
from models.recipe import AS_SET, Recipe
from models.support import Support, learn_support
from store.side_by_side import side_by_side

EXPLAINED = 1
"""Place of the threshold whose question is explained: above it an exception is major or worse."""


@dataclass(frozen=True)
class Severity:
    """P(class) and the expected impact.

    Attributes
    ----------
    thresholds
        Upper bounds of all classes but the last, in the data set's impact unit.
    above
        One head per threshold.
    class_means
        Mean impact of each class in training.
    """

    encoder: Encoder
    thresholds: tuple[float, ...]
    above: tuple[Head, ...]
    class_means: tuple[float, ...]
    recipe: Recipe = AS_SET
    known: Support = field(default_factory=Support)
    name: ClassVar[ModelName] = ModelName.SEVERITY

    def exceedance(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """P(impact > t_k), shape (n, thresholds), falling along each row."""
        X, stages = self.encoder.matrix(frame), frame["stage"].to_numpy()
        raw = np.column_stack([head.probability(X, stages) for head in self.above])
        return np.minimum.accumulate(raw, axis=1)

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Class probabilities, which sum to 1, and the expected impact."""
        above = self.exceedance(frame)
        edges = np.column_stack([np.ones(len(above)), above, np.zeros(len(above))])
        classes = edges[:, :-1] - edges[:, 1:]
        # Summed column by column: BLAS rounds a row differently according to how many there are.
        expected = sum(classes[:, k] * mean for k, mean in enumerate(self.class_means))
        columns = PREDICTED_COLUMNS[ModelName.SEVERITY]
        return pd.DataFrame(np.column_stack([classes, expected]), columns=list(columns), index=frame.index)

    def explain(self, frame: pd.DataFrame) -> Explanation:
        """Contributions to the log-odds of an impact above the middle threshold."""
        question = f"the impact is above {self.thresholds[EXPLAINED]:g}"
        told = explain_head(question, self.above[EXPLAINED], self.encoder, frame)
        # Nothing is likelier above a threshold than above a lower one; what that takes off belongs to the last step.
        X, stages = self.encoder.matrix(frame), frame["stage"].to_numpy()
        log_odds = np.min([head.log_odds(X, stages) for head in self.above[: EXPLAINED + 1]], axis=0)
        return replace(told, calibration=log_odds - told.margin, probability=self.exceedance(frame)[:, EXPLAINED])

    def support(self, frame: pd.DataFrame) -> pd.Series:
        """Why each of n rows lies outside what the model was trained on, null where it does not."""
        return self.known.reasons(frame)

    @property
    def heads(self) -> Mapping[str, Head]:
        """``above_1`` …, one a threshold."""
        return {f"above_{k}": head for k, head in enumerate(self.above, start=1)}

    def answers(self, outcome: pd.DataFrame) -> Mapping[str, NDArray[np.float64]]:
        """1 for an impact above the threshold."""
        impact = outcome["value"].to_numpy()
        return {f"above_{k}": (impact > t).astype(np.float64) for k, t in enumerate(self.thresholds, start=1)}

    def with_heads(self, heads: Mapping[str, Head]) -> "Severity":
        """The same model with other heads."""
        return replace(self, above=tuple(heads[name] for name in self.heads))

    def save(self, folder: Path) -> dict[str, Any]:
        """One booster a threshold."""
        return {
            "encoder": self.encoder.as_json(),
            "thresholds": self.thresholds,
            "above": [head.save(folder, f"above_{k}") for k, head in enumerate(self.above, start=1)],
            "class_means": self.class_means,
            "recipe": self.recipe.as_json(),
            "support": self.known.as_json(),
        }

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "Severity":
        """Read back what :meth:`save` wrote."""
        heads = [Head.load(folder, f"above_{k}", said) for k, said in enumerate(document["above"], start=1)]
        means = tuple(document["class_means"])
        encoder, recipe = Encoder.from_json(document["encoder"]), Recipe(**document["recipe"])
        known = Support.from_json(document["support"])
        return cls(encoder, tuple(document["thresholds"]), tuple(heads), means, recipe, known)


def fit_severity(
    frame: pd.DataFrame,
    outcome: pd.DataFrame,
    thresholds: tuple[float, ...],
    params: TrainingParams,
    learner: Learner | None = None,
) -> Severity:
    """Fit on n exceptions in time order; ``outcome`` has ``value``, the realised impact."""
    impact = outcome["value"].to_numpy()
    classes = severity_class(impact, thresholds)
    if np.unique(classes).size < 2:
        raise CannotTrain(
            f"all {impact.size} known impacts fall into one severity class; check the manifest's "
            f"[severity] thresholds {list(thresholds)} against impacts from {impact.min():g} to {impact.max():g}"
        )
    answers = [(impact > t).astype(np.float64) for t in thresholds]
    ready = ready_to_fit(frame, outcome, answers[EXPLAINED], params, learner=learner)
    asked, stages = [ready.table.target(answer) for answer in answers], frame["stage"].to_numpy()
    fits = [partial(fit_head, one, stages, ready.params, when_known(outcome)) for one in asked]
    heads, means = side_by_side(fits, params.threads), _class_means(impact, classes, thresholds)
    known = learn_support(frame, frozenset().union(*(head.used for head in heads)))
    return Severity(ready.encoder, thresholds, tuple(heads), means, ready.recipe, known)


def severity_class(impact: NDArray[np.float64], thresholds: tuple[float, ...]) -> NDArray[np.int64]:
    """Class of each impact, 0 = minor; the thresholds are inclusive upper bounds."""
    return np.searchsorted(np.array(thresholds), impact, side="left")


def _class_means(
    impact: NDArray[np.float64], classes: NDArray[np.int64], thresholds: tuple[float, ...]
) -> tuple[float, ...]:
    """Mean impact of each class; a class never seen takes the threshold it begins at."""
    lower = (0.0, *thresholds)
    return tuple(float(impact[classes == k].mean()) if (classes == k).any() else lower[k] for k in range(len(lower)))
