"""What a data set's artefacts alone give away: identifiers, the order of rows, delays of reports, what is missing.

Left out is what a freight planner may know:

- names of carriers, customers and places;
- how far a shipment has come: whether it was offered, answered, picked up before. So a delay that is not there is drawn
  from those that are; only within a stage of ``eta_risk``, where it means that a report was lost, is it looked at;
- ``carrier_id``, null while nobody has the shipment: the tenders on record say the same;
- ``late_penalty``, null where lateness costs by the minute: a penalty is agreed with customers of tier A and no others,
  and the tier is on record beside it.

Tests hold the last two to that.
"""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from domain.codes import TenderOutcome
from domain.predictions import ID_COLUMNS, ModelName
from features.describe import OWN_TABLE
from features.outcomes import Fate, outcomes
from features.subjects import all_subjects
from store.dataset import Dataset
from tests.simulator.as_known import latest_known, look_up
from training.question import question_of

STEPS = ("X3", "AF", "X6", "X1")
HAPPENED_AT = {"shipments": "released_at", "tenders": "offered_at", "exceptions": "raised_at"}
KNOWLEDGE = {"carrier_id", "late_penalty"}
SETTLED_H = 24
"""What happened to a tender's or an exception's shipment in these last hours is left out: what is fresh and on record
was reported fast, which tells how fresh it is, and so what kind of exception this is."""
SPLIT, FEWEST = 0.8, 3_000


@dataclass(frozen=True)
class Probed:
    """How well a learner told the outcomes of a stage from artefacts, on later subjects than it learned from."""

    model: ModelName
    stage: str
    group: str
    learner: str
    auc: float


def probed(dataset: Dataset, model: ModelName) -> list[Probed]:
    """Probe every stage of a model that has at least :data:`FEWEST` subjects with a known outcome."""
    subjects = all_subjects(dataset, model)
    happened = bad(dataset, model, subjects)
    seen = artefacts(dataset, model, subjects)
    found = []
    for stage in subjects["stage"].unique():
        rows = (subjects["stage"] == stage) & happened.notna()
        if rows.sum() >= FEWEST:
            later = subjects["as_of"] >= subjects.loc[rows, "as_of"].quantile(SPLIT)
            found += [
                Probed(model, stage, group, learner, auc)
                for group, columns in seen.items()
                for learner, auc in _aucs(columns[rows], happened[rows], later[rows])
            ]
    return found


def bad(dataset: Dataset, model: ModelName, subjects: pd.DataFrame) -> pd.Series:
    """1.0 where late, refused, or major and worse; NaN where there is no outcome."""
    cut_off, thresholds = dataset.manifest.cut_off, dataset.manifest.severity.thresholds
    assert cut_off is not None
    outcome = outcomes(dataset, model, subjects, cut_off)
    nothing = pd.DataFrame(0.0, subjects.index, ["p_late", "p_fail", "p_major", "p_critical"])
    y = pd.Series(question_of(model, outcome, nothing, thresholds).y, index=subjects.index)
    return y.where(outcome["fate"] == Fate.KNOWN)


def artefacts(dataset: Dataset, model: ModelName, subjects: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Columns of each kind of artefact, as known at each subject's moment."""
    table, key = OWN_TABLE[model], ID_COLUMNS[model]
    own = look_up(subjects, dataset, table)
    shipment_id = subjects["shipment_id"] if "shipment_id" in subjects else own["shipment_id"]
    asked = pd.DataFrame({"shipment_id": shipment_id, "as_of": subjects["as_of"]})
    settled = 0 if model is ModelName.ETA_RISK else SETTLED_H
    groups = {
        "identifiers": pd.concat([_letters(subjects[key]), _letters(shipment_id).add_prefix("shipment ")], axis=1),
        "order": _places(dataset, table, key, subjects),
        "latency": pd.concat(
            [_own_latency(dataset, table, key, subjects), _latencies(dataset, asked, settled)], axis=1
        ),
        "missing": pd.concat([_missing(own), _missing(look_up(asked, dataset, "shipments"))], axis=1),
    }
    if model is ModelName.ETA_RISK:
        groups["unreported"] = groups["latency"][list(STEPS)].isna().astype(float)
    groups["latency"] = groups["latency"].apply(_completed)
    everything = pd.concat(groups.values(), axis=1)
    return {**groups, "all": everything.set_axis(range(everything.shape[1]), axis=1)}


def _letters(ids: pd.Series) -> pd.DataFrame:
    """Each character of an identifier as a number."""
    spelled = np.frombuffer("".join(ids).encode("ascii"), dtype=np.uint8).reshape(len(ids), -1)
    return pd.DataFrame(spelled.astype(float), index=ids.index).add_prefix("letter ")


def _places(dataset: Dataset, table: str, key: str, subjects: pd.DataFrame) -> pd.DataFrame:
    """Where the subject's first record stands: in the table, in its month, in its hundred."""
    rows = dataset.table(table)
    month = rows["known_at"].dt.strftime("%Y-%m")
    place = pd.DataFrame({"row": np.arange(len(rows)), "in month": rows.groupby(month).cumcount(), key: rows[key]})
    first = place.drop_duplicates(key).set_index(key).reindex(subjects[key].array).set_axis(subjects.index)
    return first.assign(**{f"row mod {n}": first["row"] % n for n in (2, 7, 100)}).astype(float)


def _own_latency(dataset: Dataset, table: str, key: str, subjects: pd.DataFrame) -> pd.DataFrame:
    """Minutes from what the subject is to its record."""
    first = dataset.table(table).drop_duplicates(key).set_index(key)
    late = _minutes(first["known_at"] - first[HAPPENED_AT[table]])
    return pd.DataFrame({"own": late.reindex(subjects[key].array).to_numpy()}, index=subjects.index)


def _latencies(dataset: Dataset, asked: pd.DataFrame, settled_h: float) -> pd.DataFrame:
    """Minutes from the last answer, and from every step, to its report, and how often it was reported."""
    tenders, milestones = dataset.table("tenders"), dataset.table("milestones")
    answered = tenders[tenders["outcome"] != TenderOutcome.OPEN].dropna(subset=["outcome_known_at"])
    answered = answered.assign(known_at=answered["outcome_known_at"], occurred_at=answered["outcome_at"])
    found = {"answer": _reported(asked, answered, settled_h)[0]}
    for code in STEPS:
        reports = milestones[milestones["code"] == code]
        found[code], found[f"reports of {code}"] = _reported(asked, reports, settled_h)
    return pd.DataFrame(found, index=asked.index)


def _reported(asked: pd.DataFrame, reports: pd.DataFrame, settled_h: float) -> tuple[pd.Series, pd.Series]:
    reports = reports[["shipment_id", "known_at", "occurred_at"]].sort_values("known_at", kind="stable")
    reports = reports.assign(reports=reports.groupby("shipment_id").cumcount() + 1.0)
    last = latest_known(asked, reports, ["shipment_id"])
    old = asked["as_of"] - last["occurred_at"] >= pd.Timedelta(hours=settled_h)
    return _minutes(last["known_at"] - last["occurred_at"]).where(old), last["reports"].astype(float).where(old)


def _completed(delays: pd.Series) -> pd.Series:
    """Delays that are not there drawn from those that are."""
    known = delays.dropna().to_numpy()
    drawn = np.random.default_rng(1).choice(known, len(delays)) if len(known) else np.zeros(len(delays))
    return delays.where(delays.notna(), drawn)


def _missing(records: pd.DataFrame) -> pd.DataFrame:
    """Which columns of the records are null."""
    return records.drop(columns=[name for name in records if name in KNOWLEDGE]).isna().astype(float)


def _minutes(length: pd.Series) -> pd.Series:
    return length.dt.total_seconds() / 60.0


def _aucs(seen: pd.DataFrame, happened: pd.Series, later: pd.Series) -> list[tuple[str, float]]:
    """AUC of a boosted and of a linear learner; nothing where all subjects look the same."""
    trees = lgb.LGBMClassifier(
        n_estimators=25,
        num_leaves=15,
        learning_rate=0.08,
        min_child_samples=100,
        max_bin=63,
        random_state=1,
        n_jobs=1,
        verbose=-1,
    )
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=50, tol=1e-2))
    x = seen.loc[:, seen.nunique(dropna=False) > 1].to_numpy(float)
    if not x.shape[1]:
        return []
    flat = np.nan_to_num(np.sign(x) * np.log1p(np.abs(x)), nan=-1.0)
    learners = (("trees", trees, x), ("linear", linear, flat))
    return [(name, _auc(learner, values, happened.to_numpy(), later.to_numpy())) for name, learner, values in learners]


def _auc(learner: lgb.LGBMClassifier, x: np.ndarray, y: np.ndarray, later: np.ndarray) -> float:  # type: ignore[type-arg]
    learner.fit(x[~later], y[~later])
    return float(roc_auc_score(y[later], learner.predict_proba(x[later])[:, 1]))
