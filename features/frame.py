"""The feature frame: all families side by side for the subjects of one model."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from domain.predictions import ID_COLUMNS, ModelName
from features import catalogue
from features.family import Asked, Family, Made, Text
from features.past import Past, past_of
from features.records import Array, Floats, microseconds, records_of, says_something
from features.words import Vocabulary
from store.dataset import Dataset
from store.frames import arrow_column

if TYPE_CHECKING:
    from features.cluster import Cluster

NOT_GIVEN = ["subject_id", "stage", "as_of"]


class FeatureFrames:
    """Feature frames over one data set; its past is taken apart once and shared by all questions.

    Parameters
    ----------
    cluster
        Where history is scanned; by default in this process.
    """

    def __init__(self, dataset: Dataset, cluster: "Cluster | None" = None) -> None:
        self.dataset = dataset
        self.cluster = cluster

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
        asked = ask_past(past_of(self.dataset), model, subjects)
        if self.cluster is not None:
            asked = replace(asked, source=self.cluster.over(past_of(self.dataset)))
        return framed(columns_of(families, asked), subjects.index)


def ask_past(past: Past, model: ModelName, subjects: pd.DataFrame) -> Asked:
    """A question about subjects, each as of its own moment; see :meth:`FeatureFrames.of`."""
    # Words that only the asker speaks are forgotten with the question.
    words = Vocabulary(past.words)
    given = records_of(subjects.drop(columns=NOT_GIVEN, errors="ignore"), words)
    names, as_of = given.text(ID_COLUMNS[model]), microseconds(subjects["as_of"])
    record = past.described(model, names, as_of, (given,))
    stage = Text(words.of("stage").numbers(arrow_column(subjects["stage"])), words.of("stage"))
    return Asked(past, model, names, as_of, record, words.of, stage)


def columns_of(families: Sequence[Family], asked: Asked) -> Made:
    """Columns of all families, in order."""
    return {name: column for family in families for name, column in family.columns(asked).items()}


def framed(made: Made, index: pd.Index) -> pd.DataFrame:
    """Columns as a frame: floats, and text.

    A column that follows from the data (a ``*`` in the catalogue) is left out where it says nothing of anyone.
    """
    shown = {name: column for name, column in made.items() if _named(name) or says_something(_cells(column))}
    cells = {name: c.words.text(c.numbers).array if isinstance(c, Text) else c for name, c in shown.items()}
    return pd.DataFrame(cells, index=index)


def _cells(column: Floats | Text) -> Array:
    return column.numbers if isinstance(column, Text) else column


def _named(name: str) -> bool:
    """Whether the catalogue names a column as it is."""
    return name in _catalogued()


@cache
def _catalogued() -> frozenset[str]:
    return frozenset(line.name for family in catalogue.FAMILIES for line in family.descriptions)


def catalogue_hash() -> str:
    """Sha256 over the source of everything that defines a feature; a model remembers the one it was trained with."""
    folder = Path(__file__).parent
    sources = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.py")) if file.name not in APART]
    return hashlib.sha256("\n".join(sources).encode()).hexdigest()


APART = (
    *("cluster.py", "contract.py", "outcomes.py", "subjects.py", "places.py", "live.py", "__init__.py"),
    *("months.py", "sweep.py", "frame_file.py"),
)
"""Files of this package that define no feature."""
