"""Predictions for every subject of a stretch of time, and for a few that somebody asks about."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from domain.ask import Contribution, Explanation, Prediction, PredictionRequest
from domain.errors import NotThere
from domain.moment import format_moment
from domain.predictions import ID_COLUMNS, STAGE_OFFER, STAGE_RAISED, STAGE_RELEASE, ModelName
from features.frame import FeatureFrames
from features.subjects import COLUMNS, all_subjects
from models.model import Model
from models.shelf import take
from store.dataset import Dataset

FIRST_STAGE = {
    ModelName.ETA_RISK: STAGE_RELEASE,
    ModelName.TENDER_FAILURE: STAGE_OFFER,
    ModelName.SEVERITY: STAGE_RAISED,
}
EXPLAINED = {ModelName.ETA_RISK: "p_late", ModelName.TENDER_FAILURE: "p_fail", ModelName.SEVERITY: "p_major+p_critical"}


def predict_frame(
    dataset: Dataset,
    home: Path,
    name: ModelName,
    version: str | None = None,
    begin: datetime | None = None,
    until: datetime | None = None,
) -> pd.DataFrame:
    """Predict every subject and stage with begin ≤ as_of < until, whether its outcome is known or not.

    Returns
    -------
    pandas.DataFrame
        ``subject_id``, ``stage``, ``as_of``, then the model's columns, ordered by as_of.
    """
    model = take(home, dataset, name, version).model
    subjects = all_subjects(dataset, name)
    wanted = pd.Series(True, index=subjects.index)
    if begin is not None:
        wanted &= subjects["as_of"] >= pd.Timestamp(begin)
    if until is not None:
        wanted &= subjects["as_of"] < pd.Timestamp(until)
    asked = subjects[wanted].reset_index(drop=True)
    predicted = model.predict(FeatureFrames(dataset).of(name, asked))
    return asked[list(COLUMNS)].join(predicted)


class Predictor:
    """One model in service, answering requests.

    Parameters
    ----------
    frames
        Feature frames over the data set that is served.
    """

    def __init__(self, frames: FeatureFrames, name: ModelName, model: Model) -> None:
        self._frames = frames
        self._name = name
        self._model = model
        self._stages = all_subjects(frames.dataset, name)

    def predict(self, request: PredictionRequest) -> tuple[Prediction, ...]:
        """One prediction for each subject, in the order asked.

        Raises
        ------
        NotThere
            If an id is unknown, not known yet at ``as_of``, or its outcome was known by then.
        """
        subjects = self._subjects(request)
        frame = self._frames.of(self._name, subjects)
        predicted = self._model.predict(frame)
        explained = self._explanations(frame) if request.contributions else [None] * len(frame)
        rows = predicted.to_dict("records")
        return tuple(
            Prediction(subject, stage, as_of.to_pydatetime(), values, why)
            for subject, stage, as_of, values, why in zip(
                subjects["subject_id"], subjects["stage"], subjects["as_of"], rows, explained, strict=True
            )
        )

    def _subjects(self, request: PredictionRequest) -> pd.DataFrame:
        cut_off = self._frames.dataset.manifest.cut_off
        moment = pd.Timestamp(request.as_of or cut_off).as_unit("us")
        key = ID_COLUMNS[self._name]
        if request.ids:
            found = self._latest_stages(list(request.ids), moment)
        else:
            found = _inline(pd.DataFrame(list(map(dict, request.subjects))), self._frames.dataset, self._name)
            found = found.assign(subject_id=found[key], stage=FIRST_STAGE[self._name])
        return found.assign(as_of=moment)

    def _latest_stages(self, ids: list[str], moment: pd.Timestamp) -> pd.DataFrame:
        """The last stage that each subject had reached by a moment."""
        key = ID_COLUMNS[self._name]
        reached = self._stages[self._stages[key].isin(ids) & (self._stages["as_of"] <= moment)]
        last = reached.drop_duplicates(key, keep="last").set_index(key)
        absent = [name for name in ids if name not in last.index]
        if absent:
            raise NotThere(
                f"{key} {absent[0]!r} is not in the data set, or was not known by {format_moment(moment)}"
                + (f" (and {len(absent) - 1} more)" if len(absent) > 1 else "")
            )
        return last.loc[ids].reset_index()[[*COLUMNS, key]]

    def _explanations(self, frame: pd.DataFrame) -> list[Explanation]:
        explanation = self._model.explain(frame)
        shown = {name: frame[name].tolist() for name in frame}
        return [
            Explanation(
                EXPLAINED[self._name],
                "log-odds",
                float(explanation.base[row]),
                tuple(
                    Contribution(name, _plain(shown.get(name, [None] * len(frame))[row]), float(value))
                    for name, value in zip(explanation.columns, explanation.values[row], strict=True)
                ),
                float(explanation.calibration[row]),
            )
            for row in range(len(frame))
        ]


def _inline(rows: pd.DataFrame, dataset: Dataset, name: ModelName) -> pd.DataFrame:
    """Rows as a caller sent them, in the types of the tables they stand for."""
    known = {column: kind for table in ("shipments", "tenders", "exceptions")
             for column, kind in dataset.table(table).dtypes.items()}  # fmt: skip
    return rows.astype({column: known[column] for column in rows if column in known})


def _plain(value: Any) -> float | str | None:
    """A feature's value as JSON can say it."""
    if isinstance(value, str):
        return value
    return None if value is None or np.isnan(value) else float(value)
