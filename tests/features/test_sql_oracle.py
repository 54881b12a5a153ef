"""Every family of features is what SQL over the data set's files computes, to 1e-9."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from domain.predictions import ID_COLUMNS, ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from store.dataset import Dataset
from tests.features.sql.network import disturbed, simulated_files, written
from tests.features.sql.oracle import FAMILIES, Files, SqlOracle
from tests.features.world import dataset_of, day
from tests.simulator.histories import history

SAMPLE = 300
LATER_DAYS = 40
"""Half of the sample is asked again up to so much later, so that things have grown old."""

KINDS = ("simulated", "disturbed")
STREAMS: dict[ModelName, dict[str, tuple[str, ...]]] = {
    ModelName.ETA_RISK: {"deliveries": ("late", "delay"), "departures": ("departure",)},
    ModelName.TENDER_FAILURE: {"answers": ("failed",), "departures": ("departure",), "deliveries": ("late",)},
    ModelName.SEVERITY: {"resolutions": ("impact", "over_1", "over_2", "over_3")},
}
"""What the history of each model speaks of; only the first stream is kept by the user's own categories, too."""

NOT_LOOKED_AT = {("load", ModelName.SEVERITY), ("usual", ModelName.SEVERITY), ("usual", ModelName.ETA_RISK)}
"""Families of which a model sees nothing."""

WORTH = {
    "SELECT count(*) - count(DISTINCT shipment_id) FROM shipments": 500,
    "SELECT count(*) - count(DISTINCT fact) FROM milestones": 500,
    "SELECT count(*) - count(DISTINCT tender_id) FROM tenders": 100,
    "SELECT count(*) - count(DISTINCT exception_id) FROM exceptions": 100,
    "SELECT count(*) - count(DISTINCT (place_id, name, observed_at)) FROM signals": 100,
    "SELECT (SELECT count(*) FROM signals) - (SELECT count(*) FROM news)": 100,
    "SELECT count(*) FROM milestones WHERE known_at > occurred_at + days(1 / 24)": 500,
    "SELECT count(*) FROM seen AS a JOIN seen AS b USING (moment, known_at) WHERE a.place < b.place": 20,
    "SELECT count(*) FROM milestones WHERE code_list <> 'x12-1650' AND code = 'D1'": 20,
    "SELECT count(*) FROM asked JOIN answers ON answers.known_at <= t AND t < answers.known": 50,
    "SELECT count(*) FROM asked JOIN held ON begin <= t AND t < until AND begin > first_known": 1_000,
    "SELECT count(*) FROM asked JOIN heard ON known <= t AND known > first_known + days(90)": 100,
    "SELECT count(*) FROM asked JOIN tender_rows USING (moment) WHERE shipment_id IS NULL": 5,
    "SELECT count(*) FROM asked JOIN exception_rows USING (moment) WHERE shipment_id IS NULL": 5,
}
"""What the badly kept network must hold at least: corrections, late and equal moments, what is half known, gaps."""


@dataclass(frozen=True)
class Asked:
    """One network, a sample of every model's subjects, the engine's frames and the oracle."""

    dataset: Dataset
    files: Files

    @cached_property
    def subjects(self) -> dict[ModelName, pd.DataFrame]:
        """A sample over all of the time, every other row at a later moment of chance."""
        return {model: self._sample(model) for model in ModelName}

    @cached_property
    def oracle(self) -> SqlOracle:
        """The SQL, asked for all models at once."""
        named = [rows.assign(model=model.value, moment=moments(model, rows)) for model, rows in self.subjects.items()]
        columns = ["moment", "model", "subject_id", "stage", "as_of"]
        return SqlOracle(self.files, self.dataset.manifest, pd.concat(named, ignore_index=True)[columns])

    @cached_property
    def frames(self) -> dict[ModelName, pd.DataFrame]:
        """What the engine says."""
        engine = FeatureFrames(self.dataset)
        return {model: engine.of(model, rows) for model, rows in self.subjects.items()}

    def expected(self, family: str, model: ModelName) -> pd.DataFrame:
        """What the oracle says, in the order of the subjects."""
        return self.oracle.family(family).loc[moments(model, self.subjects[model])]

    def _sample(self, model: ModelName) -> pd.DataFrame:
        every = all_subjects(self.dataset, model)
        sample = every.iloc[np.linspace(0, len(every) - 1, SAMPLE).astype(int)].reset_index(drop=True)
        sample.loc[SAMPLE // 2, ["subject_id", ID_COLUMNS[model]]] = "never seen"
        later = np.random.default_rng(7).integers(0, LATER_DAYS * 86_400_000_000, SAMPLE) * (np.arange(SAMPLE) % 2)
        return sample.assign(as_of=sample["as_of"] + later.astype("timedelta64[us]"))


def moments(model: ModelName, subjects: pd.DataFrame) -> list[str]:
    """The names that the sample's rows have in the oracle."""
    return [f"{model.value} {number}" for number in range(len(subjects))]


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Asked]:
    """The network as simulated, and the same one badly kept."""
    simulated = history(tmp_path_factory.mktemp("simulated") / "data", 1_500, seed=5, days=120)
    return {
        "simulated": Asked(simulated, simulated_files(simulated.folder)),
        "disturbed": Asked(*disturbed(simulated, tmp_path_factory.mktemp("disturbed"))),
    }


def agree(got: pd.Series, expected: pd.Series) -> None:
    """Numbers to 1e-9, text to the letter, the unknown where it is unknown."""
    if pd.api.types.is_numeric_dtype(got):
        values = expected.to_numpy(np.float64)
        np.testing.assert_allclose(got.to_numpy(np.float64), values, rtol=1e-9, atol=1e-9, err_msg=str(got.name))
    else:
        assert [None if pd.isna(one) else one for one in got] == [None if pd.isna(one) else one for one in expected]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("model", ModelName)
@pytest.mark.parametrize("kind", KINDS)
def test_a_family_is_what_sql_computes(networks: dict[str, Asked], kind: str, model: ModelName, family: str) -> None:
    """Every column of the family that the frame has is the oracle's."""
    frame, expected = networks[kind].frames[model], networks[kind].expected(family, model)
    common = [name for name in frame if name in expected]
    assert common or (family, model) in NOT_LOOKED_AT
    for name in common:
        agree(frame[name], expected[name])


@pytest.mark.parametrize("model", ModelName)
@pytest.mark.parametrize("kind", KINDS)
def test_no_column_escapes_the_oracle(networks: dict[str, Asked], kind: str, model: ModelName) -> None:
    """Each column of a frame stands in one family of the oracle."""
    families = [set(networks[kind].expected(family, model)) for family in FAMILIES]
    assert {name for name in networks[kind].frames[model] if sum(name in family for family in families) != 1} == set()


@pytest.mark.parametrize("model", ModelName)
@pytest.mark.parametrize("kind", KINDS)
def test_history_speaks_of_every_value(networks: dict[str, Asked], kind: str, model: ModelName) -> None:
    """A frame has every mean that the oracle makes of the model's streams, and no other."""
    oracle, wanted = networks[kind].oracle, set()
    for place, (stream, values) in enumerate(STREAMS[model].items()):
        kept = f"SELECT DISTINCT name FROM history WHERE stream = '{stream}' AND value_name IN {values!r}"
        wanted |= {name for name in oracle.column(kept.replace(",)", ")")) if place == 0 or not name.startswith("x_")}
    assert set(networks[kind].frames[model]) & set(oracle.family("history")) == wanted


@pytest.mark.parametrize(("query", "least"), WORTH.items())
def test_the_badly_kept_network_is_worth_it(networks: dict[str, Asked], query: str, least: int) -> None:
    """Corrections, late knowledge, equal moments and gaps are there, and in what is asked."""
    assert networks["disturbed"].oracle.column(query)[0] >= least


@pytest.mark.parametrize("model", ModelName)
def test_the_sample_is_worth_it(networks: dict[str, Asked], model: ModelName) -> None:
    """Every column is known of some rows, most of nearly all, and says more than one thing; holidays are rare."""
    frame = networks["disturbed"].frames[model]
    known = frame.notna().mean()
    assert frame.columns[known < 0.02].tolist() == []
    assert (known > 0.8).mean() > 0.8
    assert set(frame.columns[frame.nunique() < 2]) <= {"stage", "planned_delivery_at_holiday"}


def test_a_superseded_answer_does_not_come_back(tmp_path: Path) -> None:
    """A record that was corrected before its answer was known says nothing when that answer's time comes."""
    offer: dict[str, Any] = {"shipment_id": "s", "carrier_id": "c", "offered_at": day(1)}
    first = offer | {"tender_id": "t", "known_at": day(1), "outcome": "accepted", "outcome_at": day(3)}
    correction = offer | {"tender_id": "t", "known_at": day(1.5), "outcome": "rejected", "outcome_at": day(2)}
    next_one = offer | {"tender_id": "u", "known_at": day(4), "outcome": "open"}
    shipment = {"shipment_id": "s", "known_at": day(0), "planned_delivery_at": day(6)}
    dataset = dataset_of({"shipments": [shipment], "tenders": [first, correction, next_one]})
    asked = all_subjects(dataset, ModelName.TENDER_FAILURE).query("subject_id == 'u'").assign(as_of=day(4))
    frame = FeatureFrames(dataset).of(ModelName.TENDER_FAILURE, asked)
    oracle = SqlOracle(written(dataset, tmp_path), dataset.manifest, asked.assign(model="tender_failure", moment="u"))
    assert oracle.family("progress")["offers_failed"].tolist() == frame["offers_failed"].tolist() == [1]
    assert oracle.family("history")["all_failed_0.125d"].tolist() == [1]
    assert frame["all_failed_0.125d"].tolist() == [1]
