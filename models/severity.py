"""Exception severity: the distribution of the impact, and with it the classes, the expected impact and an interval.

Is the impact above a threshold? A head answers for each threshold of training (Frank & Hall 2001), and all of them
listen to one score of where the impact lies (``centre``). Between the thresholds `knots.py` tells the distribution,
which `impact.py` makes whole. So classes can be cut anywhere, at other thresholds than those of training too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from domain.errors import CannotTrain
from domain.params import TrainingParams
from domain.predictions import IMPACT_LEVELS, PREDICTED_COLUMNS, ModelName
from models.boosted import Array
from models.boosting import Learner
from models.encoder import Encoder
from models.explanation import Explanation, between, explain_head
from models.head import Head, WhenKnown, constant_head, fit_calibration, too_few
from models.impact import Impacts
from models.knots import Knots, fit_knots
from models.model import when_known
from models.ready import ready_to_fit
from models.recipe import AS_SET, Recipe
from models.stacked import Stacked, fit_weights
from models.staged import StagedScore, fit_pooled, fit_staged
from models.support import Support, learn_support
from store.side_by_side import side_by_side

EXPLAINED = 1
"""Place of the threshold whose question is explained: above it an exception is major or worse."""
SURELY = 1e-12
"""Distance from certainty at which log-odds end, so that an explanation stays finite."""


@dataclass(frozen=True)
class Severity:
    """The distribution of the impact, cut into classes.

    Attributes
    ----------
    thresholds
        Upper bounds of all classes but the last, in the data set's impact unit; see :meth:`with_thresholds`.
    learned
        Thresholds that the heads were trained for.
    above
        One head for each of them.
    centre
        Where the impact lies among all impacts, as a normal score.
    """

    encoder: Encoder
    thresholds: tuple[float, ...]
    learned: tuple[float, ...]
    above: tuple[Head, ...]
    centre: StagedScore
    knots: Knots
    recipe: Recipe = AS_SET
    known: Support = field(default_factory=Support)
    name: ClassVar[ModelName] = ModelName.SEVERITY

    def with_thresholds(self, thresholds: tuple[float, ...]) -> "Severity":
        """The same model with classes cut elsewhere."""
        return replace(self, thresholds=thresholds)

    def distribution(self, frame: pd.DataFrame) -> Impacts:
        """The impact's distribution of n exceptions."""
        X, stages = self.encoder.matrix(frame), frame["stage"].to_numpy()
        scores = self._scores(X, stages)
        return self.knots.impacts(scores, self.learned, 1 - self._heads_say(scores, stages))

    def exceedance(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """P(impact > t_k), shape (n, thresholds), falling along each row."""
        return self.distribution(frame).above(self.thresholds)

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Class probabilities, which sum to 1, the expected impact and an interval around the likely ones."""
        return self.read_from(self.distribution(frame), frame.index)

    def read_from(self, told: Impacts, index: pd.Index) -> pd.DataFrame:
        """The same of n subjects whose distribution is known already."""
        made = np.column_stack([told.classes(self.thresholds), told.mean(), told.quantiles(IMPACT_LEVELS)])
        return pd.DataFrame(made, columns=list(PREDICTED_COLUMNS[ModelName.SEVERITY]), index=index)

    def explain(self, frame: pd.DataFrame) -> Explanation:
        """Contributions to the log-odds of an impact above the middle threshold.

        They are those of the head trained for it, or of the heads beside it in proportion. The last step holds what
        follows: the calibration, the agreement with the other thresholds' heads and the way from theirs to this one.
        """
        threshold = self.thresholds[EXPLAINED]
        first, second, share = self._beside(threshold)
        question = f"the impact is above {threshold:g}"
        told = explain_head(question, self.above[first], self.encoder, frame)
        if share > 0:
            told = between(told, explain_head(question, self.above[second], self.encoder, frame), share)
        probability = np.clip(1 - self.distribution(frame).at(threshold), SURELY, 1 - SURELY)
        return replace(told, calibration=logit(probability) - told.margin, probability=probability)

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
        return {f"above_{k}": (impact > t).astype(np.float64) for k, t in enumerate(self.learned, start=1)}

    def with_heads(self, heads: Mapping[str, Head]) -> "Severity":
        """The same model with other heads."""
        return replace(self, above=tuple(heads[name] for name in self.heads))

    def save(self, folder: Path) -> dict[str, Any]:
        """A booster for each threshold and one for all; the knots as JSON."""
        return {
            "encoder": self.encoder.as_json(),
            "thresholds": self.learned,
            "above": [head.save(folder, f"above_{k}") for k, head in enumerate(self.above, start=1)],
            "centre": self.centre.save(folder, "centre"),
            "knots": self.knots.as_json(),
            "recipe": self.recipe.as_json(),
            "support": self.known.as_json(),
        }

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "Severity":
        """Read back what :meth:`save` wrote; the thresholds are those of training."""
        encoder, learned = Encoder.from_json(document["encoder"]), tuple(document["thresholds"])
        centre = StagedScore.load(folder, "centre", document["centre"])
        heads = tuple(
            _loaded(Head.load(folder, f"above_{k}", said), centre, said["score"])
            for k, said in enumerate(document["above"], start=1)
        )
        knots, recipe = Knots.from_json(document["knots"]), Recipe(**document["recipe"])
        return cls(encoder, learned, learned, heads, centre, knots, recipe, Support.from_json(document["support"]))

    def _scores(self, X: Array, stages: NDArray[Any]) -> Array:
        """The centre, then each head's own score where it has one, shape (n, 1 + heads with one)."""
        own = [head.score.own for head in self.above if isinstance(head.score, Stacked)]
        return np.column_stack([score.margin(X, stages) for score in (self.centre, *own)])

    def _heads_say(self, scores: Array, stages: NDArray[Any]) -> Array:
        """P(impact > t) of the heads, shape (n, heads); sorted as :class:`Knots` sorts, should a head contradict."""
        said, own = [], iter(scores.T[1:])
        for head in self.above:
            score = head.score
            margin = score.of(next(own), scores[:, 0]) if isinstance(score, Stacked) else np.zeros(len(scores))
            said.append(expit(head.calibrated(margin, stages)))
        return -np.sort(-np.column_stack(said), axis=1)

    def _beside(self, threshold: float) -> tuple[int, int, float]:
        """Places of the heads below and above a threshold, and its share of the way between them in training's mass."""
        at = self.knots.baseline.at(np.array(self.learned))
        way = float(np.interp(self.knots.baseline.at(np.array(threshold)), at, np.arange(at.size)))
        first = min(int(way), at.size - 1)
        return first, min(first + 1, at.size - 1), way - first


def fit_severity(
    frame: pd.DataFrame,
    outcome: pd.DataFrame,
    thresholds: tuple[float, ...],
    params: TrainingParams,
    learner: Learner | None = None,
) -> Severity:
    """Fit on n exceptions in time order; ``outcome`` has ``value``, the realised impact."""
    impact = outcome["value"].to_numpy()
    _need_two_classes(impact, thresholds)
    answers = [(impact > t).astype(np.float64) for t in thresholds]
    ready = ready_to_fit(frame, outcome, answers[EXPLAINED], params, learner=learner)
    stages, when = frame["stage"].to_numpy(), when_known(outcome)
    owners = [k for k, answer in enumerate(answers) if not too_few(answer)]
    # The recipe was judged by the middle threshold: the centre is fitted by the settings.
    (centre, placed), *own = side_by_side(
        [
            partial(fit_pooled, ready.table.target(normal_scores(impact)), "regression", params),
            *(partial(fit_staged, ready.table.target(answers[k]), stages, "binary", ready.params) for k in owners),
        ],
        params.threads,
    )
    scored = dict(zip(owners, own, strict=True))
    heads = [
        _stacked_head(answer, stages, *scored[k], centre, placed, when) if k in scored else constant_head(answer)
        for k, answer in enumerate(answers)
    ]
    knots = fit_knots(impact, thresholds, np.column_stack([placed, *(judged for _, judged in own)]), owners)
    known = learn_support(frame, centre.used.union(*(head.used for head in heads)))
    return Severity(ready.encoder, thresholds, thresholds, tuple(heads), centre, knots, ready.recipe, known)


def severity_class(impact: NDArray[np.float64], thresholds: tuple[float, ...]) -> NDArray[np.int64]:
    """Class of each impact, 0 = minor; the thresholds are inclusive upper bounds."""
    return np.searchsorted(np.array(thresholds), impact, side="left")


def normal_scores(impact: Array) -> Array:
    """Each impact's place among all of them as a normal quantile, shape (n,); equal ones share the middle place.

    What outliers are worth, which unit it is in and whether it may fall below 0 plays no part (van der Waerden 1952).
    """
    _, place, counts = np.unique(impact, return_inverse=True, return_counts=True)
    return np.asarray(ndtri((np.cumsum(counts) - counts / 2) / impact.size)[place])


def _stacked_head(
    answer: Array,
    stages: NDArray[Any],
    own: StagedScore,
    judged: Array,
    centre: StagedScore,
    placed: Array,
    when: WhenKnown | None,
) -> Head:
    """A head whose score weighs its own against the centre by what both said of rows that they had not seen."""
    rows = ~np.isnan(judged) & ~np.isnan(placed)
    weights = (1.0, 0.0)
    if not too_few(answer[rows]):
        first, second = fit_weights(np.column_stack([judged[rows], placed[rows]]), answer[rows]).weights
        weights = (first, second)
    score = Stacked(own, centre, weights)
    return fit_calibration(score, score.of(judged, placed), answer, stages, when)


def _loaded(head: Head, centre: StagedScore, said: dict[str, Any] | None) -> Head:
    """A head as it was saved, with the score that it shares."""
    if not isinstance(head.score, StagedScore) or said is None:
        return head
    first, second = said["weights"]
    return replace(head, score=Stacked(head.score, centre, (first, second)))


def _need_two_classes(impact: Array, thresholds: tuple[float, ...]) -> None:
    if np.unique(severity_class(impact, thresholds)).size < 2:
        raise CannotTrain(
            f"all {impact.size} known impacts fall into one severity class; check the manifest's "
            f"[severity] thresholds {list(thresholds)} against impacts from {impact.min():g} to {impact.max():g}"
        )
