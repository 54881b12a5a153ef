"""A champion whose features this code no longer has is compared by what its own code predicted, and by nothing else."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from decisions.predicting import predict_frame
from domain.errors import NotThere, WrongModel
from domain.params import MlflowParams
from domain.predictions import ModelName
from store.current import copy_of, folder_hash, in_service, put_in_service
from store.dataset import Dataset
from store.predictions import Predictions
from store.registry import HASH_TAG, Registry
from tests.homes import copied_home
from tests.training.synthetic import OF_OTHERS
from training.comparison import compare
from training.evaluation import TestPart

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)
TENDER = ModelName.TENDER_FAILURE
NAME = f"small.{TENDER}"


@dataclass(frozen=True)
class Moved:
    """A home whose champion is of other definitions, and what its own code predicted."""

    registry: Registry
    dataset: Dataset
    told: Predictions

    def compared(self, file: Path | None):
        return compare(self.dataset, self.registry, TENDER, predictions=file)


@pytest.fixture(scope="module")
def moved(home, tmp_path_factory) -> Moved:
    """The features have changed since version 1 was trained; version 2 is of this code."""
    folder = copied_home(home.folder, tmp_path_factory.mktemp("moved") / "home")
    told = predict_frame(home.dataset, folder, TENDER, "1")
    file = copy_of(folder, NAME, "1") / "model.json"
    document = json.loads(file.read_text())
    document["provenance"] |= {"catalogue": "of before", "code_version": "0.1.0+before"}
    file.write_text(json.dumps(document))
    sha256 = folder_hash(file.parent)
    put_in_service(folder, {NAME: replace(in_service(folder)[NAME], sha256=sha256)})
    registry = Registry(folder, MlflowParams())
    registry.tag(NAME, "1", {HASH_TAG: sha256})
    by = replace(told.by, sha256=sha256, catalogue="of before", code_version="0.1.0+before")
    return Moved(registry, home.dataset, Predictions(told.frame, by))


@pytest.fixture(autouse=True)
def few_draws(monkeypatch) -> None:
    monkeypatch.setattr("training.evaluation.DRAWS", 3)


def test_it_is_refused_with_the_steps_that_lead_on(moved) -> None:
    """Its code, the command for there, the command for here."""
    with pytest.raises(WrongModel) as refused:
        moved.compared(None)
    said = str(refused.value)
    assert f"{NAME} 1 was trained with other feature definitions than this code has" in said
    assert "own code, 0.1.0+before, predict" in said
    assert f"there: lanewise predict {moved.dataset.folder} --model tender_failure" in said
    assert "--version 1 --out champion.parquet" in said
    assert f"here:  lanewise compare {moved.dataset.folder} --model tender_failure" in said
    assert "--champion-predictions champion.parquet" in said


def test_the_file_gives_what_asking_would_have_given(moved, home, tmp_path) -> None:
    """Every figure, interval and judgement, to the last bit; the evidence says that a file told it."""
    file = tmp_path / "champion.parquet"
    moved.told.write(file)
    found, expected = moved.compared(file), compare(home.dataset, home.registry, TENDER)
    assert found.champion == expected.champion
    assert found.differences == expected.differences
    assert found.intervals == expected.intervals
    assert found.judged == expected.judged
    assert len(found.evidence.file) == 64
    assert replace(found.evidence, file="", champion_sha256="") == replace(expected.evidence, champion_sha256="")
    assert found.evidence.champion_sha256 == moved.told.by.sha256
    assert f"by what its own code predicted (file {found.evidence.file[:12]}…)" in found.evidence.words()
    assert "version 1 as its own code, 0.1.0+before, predicted" in found.summary()
    assert found.as_json()["champion_predictions"] == found.evidence.file


def test_rows_are_found_by_subject_stage_and_moment(moved, tmp_path) -> None:
    """In whatever order the file has them, and whatever else is in it."""
    rows = moved.told.frame
    other = pd.concat([rows.sample(frac=1, random_state=3), rows.assign(stage="another")])
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for file, frame in zip(files, (rows, other), strict=True):
        Predictions(frame, moved.told.by).write(file)
    assert moved.compared(files[0]).differences == moved.compared(files[1]).differences


OTHERS = {
    "another version": ({"version": "2"}, "by small.tender_failure 2, but the champion to compare with is"),
    "an update": ({"version": "1+1a2b3c4d"}, r"1 as it was trained, without an update"),
    "another model": ({"name": "small.severity"}, "by small.severity 1, but the champion"),
    "other bytes": ({"sha256": "f" * 64}, "with the hash ffffffffffff…, but the one registered has"),
    "other data": ({"fingerprint": "e" * 64}, "of data with the fingerprint eeeeeeeeeeee…, but these have"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_others_said_is_refused(moved, tmp_path, other) -> None:
    """The message says what came, what was expected, and how to have the right file written."""
    changed, said = OTHERS[other]
    file = tmp_path / "champion.parquet"
    Predictions(moved.told.frame, replace(moved.told.by, **changed)).write(file)
    with pytest.raises(WrongModel, match=f"{said}(?s:.*)there: lanewise predict"):
        moved.compared(file)


LACKING: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "rows": (lambda rows: rows.iloc[:-3], "lacks 3 of the"),
    "a moment": (
        lambda rows: rows.assign(as_of=rows["as_of"] + pd.Timedelta(1, "us")),
        "rows to compare on, such as t",
    ),
    "a probability": (lambda rows: rows.assign(p_fail=rows["p_fail"].where(rows.index < len(rows) - 2)), "lacks 2 of"),
    "a column": (lambda rows: rows.drop(columns="p_fail"), "lacks the column p_fail"),
    "one of two": (lambda rows: pd.concat([rows, rows.tail(1)]), "twice"),
}


@pytest.mark.parametrize("what", LACKING)
def test_a_file_that_lacks_a_row_is_refused(moved, tmp_path, what) -> None:
    """Rows are never left out of a comparison for want of a prediction."""
    change, said = LACKING[what]
    whole = tmp_path / "whole.parquet"
    moved.told.write(whole)
    begin = datetime.fromisoformat(moved.compared(whole).evidence.begin)
    judged = TestPart(moved.dataset, TENDER, begin).part.subjects["subject_id"]
    asked = moved.told.frame[moved.told.frame["subject_id"].isin(judged)].reset_index(drop=True)
    file = tmp_path / "champion.parquet"
    Predictions(change(asked), moved.told.by).write(file)
    with pytest.raises(WrongModel, match=said):
        moved.compared(file)


def test_a_file_that_is_not_there_is_told(moved, tmp_path) -> None:
    with pytest.raises(NotThere, match="there is no file"):
        moved.compared(tmp_path / "champion.parquet")
