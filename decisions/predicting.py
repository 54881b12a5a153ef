"""Predictions for every subject of a stretch of time, and for a few that somebody asks about."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from decisions.cluster_scoring import predict_on, shipped
from decisions.offers import as_usual
from domain.ask import Arrival, Contribution, Explanation, Prediction, PredictionRequest
from domain.errors import LanewiseError, NotThere
from domain.moment import format_moment
from domain.predictions import ID_COLUMNS, OUT_OF_SUPPORT, STAGE_OFFER, STAGE_RAISED, STAGE_RELEASE, ModelName
from features.cluster import Cluster
from features.describe import OWN_TABLE
from features.frame import FeatureFrames
from features.places import Places
from features.subjects import COLUMNS, all_subjects, answered_at
from models.arrival import arrivals_of
from models.model import Model
from models.shelf import take
from store.code_version import code_version
from store.contracts.compiled import compiled, missing
from store.contracts.tables import CONTRACTS
from store.dataset import Dataset
from store.predictions import PredictedBy, Predictions

FIRST_STAGE = {
    ModelName.ETA_RISK: STAGE_RELEASE,
    ModelName.TENDER_FAILURE: STAGE_OFFER,
    ModelName.SEVERITY: STAGE_RAISED,
}
EXPLAINED = {ModelName.ETA_RISK: "p_late", ModelName.TENDER_FAILURE: "p_fail", ModelName.SEVERITY: "p_major+p_critical"}

TABLES_OF = {name: dict.fromkeys(("shipments", OWN_TABLE[name])) for name in ModelName}
"""Tables of the columns that an inline subject may have."""
RULES = {table: compiled(CONTRACTS[table]) for tables in TABLES_OF.values() for table in tables}


def predict_frame(
    dataset: Dataset,
    home: Path,
    name: ModelName,
    version: str | None = None,
    begin: datetime | None = None,
    until: datetime | None = None,
    cluster: Cluster | None = None,
) -> Predictions:
    """Predict every subject and stage with begin ≤ as_of < until, whether its outcome is known or not.

    Parameters
    ----------
    cluster
        Where history is scanned and rows are scored; by default in this process.

    Returns
    -------
    Predictions
        ``subject_id``, ``stage``, ``as_of``, then the model's columns, then ``out_of_support``: why a row lies outside
        what the model was trained on, null where it does not; ordered by as_of. With them by what they were made.
    """
    used = take(home, dataset, name, version)
    subjects = all_subjects(dataset, name)
    wanted = pd.Series(True, index=subjects.index)
    if begin is not None:
        wanted &= subjects["as_of"] >= pd.Timestamp(begin)
    if until is not None:
        wanted &= subjects["as_of"] < pd.Timestamp(until)
    asked = subjects[wanted].reset_index(drop=True)
    frame = FeatureFrames(used.asked_of(dataset), cluster).of(name, asked)
    predicted = used.model.predict(frame) if cluster is None else predict_on(cluster, shipped(home, used), frame)
    rows = asked[list(COLUMNS)].join(predicted).assign(**{OUT_OF_SUPPORT: used.model.support(frame)})
    made_of = (dataset.fingerprint, used.provenance.catalogue, code_version(), dataset.manifest.simulated)
    return Predictions(rows, PredictedBy(used.name, used.version, used.sha256, *made_of))


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
        self._places = Places(self._stages[ID_COLUMNS[name]])
        self._answered = answered_at(frames.dataset, name)

    def predict(self, request: PredictionRequest) -> tuple[Prediction, ...]:
        """One prediction for each subject, in the order asked.

        Raises
        ------
        NotThere
            If an id is unknown, not known yet at ``as_of``, or its outcome was known by then.
        LanewiseError
            If ``as_of`` lies after the cut-off, a value of an inline subject is not of its column's kind, or a
            subject breaks the contract of its table.
        """
        subjects = self._subjects(request)
        frame = self._frames.of(self._name, subjects)
        if self._name is ModelName.TENDER_FAILURE and not request.ids:
            frame = as_usual(frame)
        predicted = self._model.predict(frame)
        explained = self._explanations(frame) if request.contributions else [None] * len(frame)
        arrivals = self._arrivals(subjects["as_of"], frame, predicted)
        rows = predicted.to_dict("records")
        outside = [None if pd.isna(reason) else str(reason) for reason in self._model.support(frame)]
        return tuple(
            Prediction(subject, stage, as_of.to_pydatetime(), values, why, arrival, reason)
            for subject, stage, as_of, values, why, arrival, reason in zip(
                subjects["subject_id"],
                subjects["stage"],
                subjects["as_of"],
                rows,
                explained,
                arrivals,
                outside,
                strict=True,
            )
        )

    def _subjects(self, request: PredictionRequest) -> pd.DataFrame:
        moment = self._moment(request.as_of)
        key = ID_COLUMNS[self._name]
        if request.ids:
            found = self._latest_stages(list(request.ids), moment)
        else:
            found = _inline(pd.DataFrame(list(map(dict, request.subjects))), self._frames.dataset, self._name)
            found = found.assign(subject_id=found[key], stage=FIRST_STAGE[self._name])
            _refuse_broken(found, self._name)
        return found.assign(as_of=moment)

    def _moment(self, as_of: datetime | None) -> pd.Timestamp:
        """The moment asked about, by default the cut-off."""
        manifest = self._frames.dataset.manifest
        assert manifest.cut_off is not None, "an opened data set has a cut-off"
        if as_of is not None and as_of > manifest.cut_off:
            raise LanewiseError(
                f"a prediction as of {format_moment(as_of)} was asked for, but {manifest.name} is known until "
                f"{format_moment(manifest.cut_off)} only; give an earlier as_of, or import newer data"
            )
        return pd.Timestamp(as_of or manifest.cut_off).as_unit("us")

    def _latest_stages(self, ids: list[str], moment: pd.Timestamp) -> pd.DataFrame:
        """The last stage that each subject had reached by a moment, its outcome still open."""
        key = ID_COLUMNS[self._name]
        meant = self._stages.iloc[self._places.of(ids)]
        last = meant[meant["as_of"] <= moment].drop_duplicates(key, keep="last").set_index(key)
        said = format_moment(moment.to_pydatetime())
        absent = [name for name in ids if name not in last.index]
        if absent:
            raise NotThere(f"{key} {_some(absent)} is not in the data set, or was not known by {said}")
        answered = self._answered.reindex(ids)
        over = [name for name, at in zip(ids, answered, strict=True) if at <= moment]
        if over:
            known = format_moment(self._answered[over[0]].to_pydatetime())
            raise NotThere(
                f"of {key} {_some(over)} nothing is left to predict as of {said}: what became of it was known at "
                f"{known}; give an as_of before that"
            )
        return last.loc[ids].reset_index()[[*COLUMNS, key]]

    def _arrivals(self, as_of: pd.Series, frame: pd.DataFrame, predicted: pd.DataFrame) -> list[Arrival | None]:
        if self._name is not ModelName.ETA_RISK:
            return [None] * len(frame)
        return [_arrival(row) for row in arrivals_of(as_of, frame, predicted).to_dict("records")]

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


def _arrival(row: Mapping[Hashable, Any]) -> Arrival | None:
    if missing(row["eta_at"]):
        return None
    moments = {str(name): value.to_pydatetime() for name, value in row.items() if name != "remaining_min"}
    return Arrival(**moments, remaining_min=row["remaining_min"])


def _inline(rows: pd.DataFrame, dataset: Dataset, name: ModelName) -> pd.DataFrame:
    """Rows as a caller sent them, in the types of the tables they stand for.

    Raises
    ------
    LanewiseError
        If a value is not of its column's kind: text where the data set has numbers.
    """
    kinds = {**dataset.table("shipments").dtypes, **dataset.table(OWN_TABLE[name]).dtypes}
    # A column that the data set does not have tells no model anything.
    return pd.DataFrame({column: _of_kind(rows[column], kinds[column]) for column in rows if column in kinds})


def _refuse_broken(subjects: pd.DataFrame, name: ModelName) -> None:
    """Hold inline subjects to the contracts that imported rows are held to, in what they say; the rest is unknown.

    Raises
    ------
    LanewiseError
        The message names the subject and every rule that it breaks.
    """
    for row in subjects.to_dict("records"):
        said = {column: value for column, value in row.items() if not missing(value)}
        broken = dict.fromkeys(rule.words for table in TABLES_OF[name] for rule in RULES[table].broken(said))
        if broken:
            raise LanewiseError(f"{ID_COLUMNS[name]} {row['subject_id']!r}: {'; '.join(broken)}")


def _of_kind(column: pd.Series, kind: Any) -> pd.Series:
    """A column in the type that the data set has it in; numbers as floats, whatever may be missing of them."""
    if pd.api.types.is_bool_dtype(kind):
        kind = "boolean"
    elif pd.api.types.is_numeric_dtype(kind):
        kind = "float64"
    try:
        return column.astype(kind)
    except (TypeError, ValueError):
        wrong = next(value for value in column if not _fits(value, kind))
        raise LanewiseError(f"{column.name} is {kind} in the data set, but a subject says {wrong!r}") from None


def _fits(value: Any, kind: Any) -> bool:
    try:
        pd.Series([value]).astype(kind)
    except (TypeError, ValueError):
        return False
    return True


def _some(names: list[str]) -> str:
    """The first of some names, and how many more there are."""
    return f"{names[0]!r}" + (f" (and {len(names) - 1} more)" if len(names) > 1 else "")


def _plain(value: Any) -> float | str | None:
    """A feature's value as JSON can say it."""
    if isinstance(value, str):
        return value
    return None if value is None or np.isnan(value) else float(value)
