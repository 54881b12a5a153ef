"""Who is compared: a version that this code can ask, or a champion that only its own code could, by what that said.

A model can be asked only by code that has the features it was trained with. After a change under ``features/`` the
champion is therefore told by a file that its own code wrote with ``lanewise predict``; it is taken for the champion's
where it says that it was made by that version, from those bytes, of the data that the challenger is measured on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from domain.errors import WrongModel
from domain.predictions import PREDICTED_COLUMNS, ModelName
from features.frame import catalogue_hash
from models.model import Model
from models.shelf import OnShelf, Shelf, registered_name
from store.predictions import KEYS, Predictions, read_predictions
from training.evaluation import TestPart

DIGITS = 12
"""Of a hash in a message."""


@dataclass(frozen=True)
class Contender:
    """A version that is compared.

    Attributes
    ----------
    name, version
        As the registry names it.
    trained_until
        Moment before which every training outcome was known.
    said
        What it says of a test part's subjects, in their order.
    model
        Where this code can ask it.
    file
        SHA-256 of the file that told what it said; empty where it was asked.
    note
        Where that file is from, in words.
    """

    name: str
    version: str
    trained_until: datetime
    said: Callable[[TestPart], pd.DataFrame]
    model: Model | None = None
    file: str = ""
    note: str = ""


def asked(used: OnShelf) -> Contender:
    """A version that this code asks itself."""
    until = datetime.fromisoformat(used.provenance.trained_until)
    return Contender(used.name, used.version, until, lambda test: test.said_by(used), used.model)


def champion_asked(shelf: Shelf, model: ModelName) -> Contender:
    """The champion as it was trained.

    Raises
    ------
    WrongModel
        If it has other feature definitions than this code; the message says how to compare with it all the same.
    """
    made = shelf.provenance(model)
    if made.catalogue != catalogue_hash():
        raise WrongModel(_how(shelf, model, made.code_version))
    return asked(shelf.take(model, updated=False))


def champion_foretold(shelf: Shelf, model: ModelName, file: Path) -> Contender:
    """The champion by the predictions that its own code wrote.

    Raises
    ------
    NotThere
        If there is no champion, or no such file.
    WrongModel
        If the file is not the champion's of this data, or, once asked, lacks a subject; the message says how to have it
        written.
    """
    champion, made = shelf.champion(model), shelf.provenance(model)
    steps = _steps(shelf, model, made.code_version)
    told, sha256 = read_predictions(file)
    expected = (registered_name(shelf.dataset, model), champion.version, champion.sha256, shelf.dataset.fingerprint)
    _refuse_others(file, told, expected, steps)
    return Contender(
        told.by.name,
        told.by.version,
        datetime.fromisoformat(made.trained_until),
        lambda test: _of(test, told, file, steps),
        file=sha256,
        note=f"version {told.by.version} as its own code, {told.by.code_version}, predicted in {file} ({sha256[:8]})",
    )


def _refuse_others(file: Path, told: Predictions, expected: tuple[str, str, str, str], steps: str) -> None:
    """Refuse predictions that are not by that model, version and files, of that data."""
    by, (name, version, sha256, fingerprint) = told.by, expected
    if (by.name, by.version) != (name, version):
        as_trained = " as it was trained, without an update" if by.version.partition("+")[0] == version else ""
        why = f"by {by.name} {by.version}, but the champion to compare with is {name} {version}{as_trained}"
    elif by.sha256 != sha256:
        why = f"by {name} {version} with the hash {by.sha256[:DIGITS]}…, but the one registered has {sha256[:DIGITS]}…"
    elif by.fingerprint != fingerprint:
        why = f"of data with the fingerprint {by.fingerprint[:DIGITS]}…, but these have {fingerprint[:DIGITS]}…"
    else:
        return
    raise WrongModel(f"the predictions in {file} are {why}. {steps}")


def _of(test: TestPart, told: Predictions, file: Path, steps: str) -> pd.DataFrame:
    """Rows of the file for each subject of the test part, in its order."""
    columns, subjects = list(PREDICTED_COLUMNS[test.name]), test.part.subjects
    lacking = [name for name in columns if name not in told.frame]
    if lacking:
        raise WrongModel(f"{file} lacks the column {', '.join(lacking)}. {steps}")
    said = told.frame.dropna(subset=columns)
    kept, wanted = (pd.MultiIndex.from_frame(rows[list(KEYS)]) for rows in (said, subjects))
    if kept.has_duplicates:
        raise WrongModel(f"{file} tells of a subject, stage and moment twice. {steps}")
    place = kept.get_indexer(wanted)
    if (place < 0).any():
        first = subjects[place < 0].iloc[0]
        raise WrongModel(
            f"{file} lacks {(place < 0).sum():,} of the {len(subjects):,} rows to compare on, such as "
            f"{first['subject_id']} at {first['stage']}, {first['as_of'].isoformat()}. {steps}"
        )
    return said[columns].iloc[place].reset_index(drop=True)


def _how(shelf: Shelf, model: ModelName, code: str) -> str:
    name = f"{registered_name(shelf.dataset, model)} {shelf.champion(model).version}"
    return (
        f"{name} was trained with other feature definitions than this code has, so this code cannot ask it. "
        f"{_steps(shelf, model, code)}"
    )


def _steps(shelf: Shelf, model: ModelName, code: str) -> str:
    """How to have the file written, and compare with it."""
    of, version = f"{shelf.dataset.folder} --model {model} --home {shelf.home}", shelf.champion(model).version
    return (
        f"Have the champion's own code, {code}, predict, then compare with what it said:\n"
        f"  there: lanewise predict {of} --version {version} --out champion.parquet\n"
        f"  here:  lanewise compare {of} --champion-predictions champion.parquet"
    )
