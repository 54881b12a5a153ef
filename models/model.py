"""What every model is: fitted on a frame and outcomes in time order; predicts, explains, saves itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.errors import CannotTrain
from domain.predictions import ModelName
from models.calibration.shift import UNSHIFTED, Shifts
from models.encoder import Encoder
from models.explanation import Explanation
from models.head import Head, WhenKnown
from models.recipe import Recipe


class Model(Protocol):
    """One of the three predictions, fitted."""

    name: ClassVar[ModelName]

    @property
    def encoder(self) -> Encoder:
        """How a frame becomes its matrix."""
        ...

    @property
    def recipe(self) -> Recipe:
        """What its boosters were fitted with."""
        ...

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Columns of :data:`domain.predictions.PREDICTED_COLUMNS`, index as ``frame``."""
        ...

    def explain(self, frame: pd.DataFrame) -> Explanation:
        """Contributions of each column."""
        ...

    def support(self, frame: pd.DataFrame) -> pd.Series:
        """Why each of n rows lies outside what the model was trained on, text; null where it does not."""
        ...

    @property
    def heads(self) -> Mapping[str, Head]:
        """The yes/no questions behind what it predicts, by name; their base rates are followed after training."""
        ...

    def answers(self, outcome: pd.DataFrame) -> Mapping[str, NDArray[np.float64]]:
        """What came of n subjects for each head: 0 or 1, shape (n,)."""
        ...

    def with_heads(self, heads: Mapping[str, Head]) -> Self:
        """The same model with other heads."""
        ...

    def save(self, folder: Path) -> dict[str, Any]:
        """Write boosters into a folder; return what belongs in its JSON."""
        ...


def when_known(outcome: pd.DataFrame) -> WhenKnown | None:
    """When the outcomes count, where the columns ``counts_day`` and ``counts_weight`` say so."""
    if "counts_day" not in outcome:
        return None
    return WhenKnown(outcome["counts_day"].to_numpy(np.int64), outcome["counts_weight"].to_numpy(np.float64))


def shifted(model: "Model", shifts: Mapping[str, Shifts]) -> "Model":
    """The model with each named head's log-odds shifted; heads that are not named are as trained."""
    return model.with_heads({name: head.shifted(shifts.get(name, UNSHIFTED)) for name, head in model.heads.items()})


def need_both(outcome: pd.Series, yes: str, no: str) -> None:
    """Refuse outcomes that are all alike.

    Raises
    ------
    CannotTrain
        If not both answers occur.
    """
    if outcome.nunique() < 2:
        only = yes if bool(outcome.iloc[0]) else no
        raise CannotTrain(
            f"all {len(outcome)} known outcomes are {only!r}; a model needs some {yes!r} and some {no!r} to tell apart"
        )
