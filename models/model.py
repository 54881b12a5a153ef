"""What every model is: fitted on a frame and outcomes in time order; predicts, explains, saves itself."""

from pathlib import Path
from typing import Any, ClassVar, Protocol

import pandas as pd

from domain.errors import CannotTrain
from domain.predictions import ModelName
from models.encoder import Encoder
from models.explanation import Explanation
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

    def save(self, folder: Path) -> dict[str, Any]:
        """Write boosters into a folder; return what belongs in its JSON."""
        ...


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
