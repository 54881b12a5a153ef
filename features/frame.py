"""The feature frame: all families side by side for the subjects of one model."""

import hashlib
import inspect
from collections.abc import Sequence

import pandas as pd

from domain.predictions import ModelName
from features import catalogue, describe, family, history, kernel, known, outcomes, places, streams
from features.describe import describe as describe_subjects
from features.family import Asked, Family
from features.history import HistoryBook
from store.dataset import Dataset


class FeatureFrames:
    """Feature frames over one data set; history is computed once and shared by all questions."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._history = HistoryBook(dataset)

    def of(
        self, model: ModelName, subjects: pd.DataFrame, families: Sequence[Family] = catalogue.FAMILIES
    ) -> pd.DataFrame:
        """Features of n subjects as of their own moments.

        Parameters
        ----------
        subjects
            ``subject_id``, ``stage``, ``as_of``, the id column, and any planned column with the value the asker
            wants instead of the recorded one.
        families
            Families to compute, by default the whole catalogue.

        Returns
        -------
        pandas.DataFrame
            n rows, index as ``subjects``; floats, and text for categories. Columns follow from the data.
        """
        described = describe_subjects(self.dataset, model, subjects)
        asked = Asked(self.dataset, model, subjects, described, self._history)
        return pd.concat([family.columns(asked) for family in families], axis=1)


def catalogue_hash() -> str:
    """Sha256 over the source of everything that defines a feature; a model remembers the one it was trained with."""
    families = {inspect.getmodule(type(family)) for family in catalogue.FAMILIES}
    modules = families | {describe, family, history, kernel, known, outcomes, places, streams}
    sources = sorted(inspect.getsource(module) for module in modules if module is not None)
    return hashlib.sha256("\n".join(sources).encode()).hexdigest()
