"""A training leaves runs, versions, copies in the home, and a champion that all of them agree on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from domain.errors import CannotTrain
from domain.params import MlflowParams
from domain.predictions import ModelName
from features.frame import FeatureFrames, catalogue_hash
from models.artifact import load_model, save_model
from store.code_version import code_version
from store.current import copy_of, disagreements, folder_hash, in_service, models_folder, put_in_service
from store.registry import Registry
from store.writing import write_dataset
from tests.training.synthetic import MANIFEST, OF_OTHERS, PARAMS, T, network, small
from training.fitting import fit_model
from training.training import train

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)

NAMES = [f"small.{name}" for name in ModelName]


def test_all_three_models_are_trained(home):
    """Nothing is skipped; the report tells rows, version, run and figures of each, as plain JSON."""
    assert home.first.skipped == {}
    assert [one.fitted.model.name for one in home.first.trained] == list(ModelName)
    told = json.loads(json.dumps(home.first.as_json()))["models"]
    for name in ModelName:
        assert told[name]["test_from"] == T.isoformat()
        assert told[name]["n_train"] >= PARAMS.min_subjects
        assert told[name]["metrics"]["n"] == told[name]["n_test"]
        assert told[name]["frame"]["n_train"] == told[name]["n_train"]
        assert told[name]["frame"]["broken"] == {}
    assert home.progress == ["fitting eta_risk", "fitting tender_failure", "fitting severity", "registering"]


def test_the_first_version_is_champion_and_the_second_challenger(home):
    """Version 1 was promoted by bootstrap; version 2 waits."""
    versions = {(v.name, v.version): v for v in home.registry.versions()}
    assert sorted(versions) == sorted((name, number) for name in NAMES for number in ("1", "2"))
    for name in NAMES:
        assert versions[name, "1"].aliases == ("champion",)
        assert versions[name, "1"].tags["promoted_by"] == "bootstrap"
        assert versions[name, "2"].aliases == ("challenger",)
        assert "promoted_by" not in versions[name, "2"].tags


def test_runs_and_artifacts_lie_under_the_home(home):
    """sqlite in mlruns/mlflow.db, artifacts in mlruns/artifacts."""
    assert (home.folder / "mlruns" / "mlflow.db").is_file()
    for one in home.first.trained:
        run = home.registry.client().get_run(one.version.run_id)
        assert run.info.artifact_uri.startswith((home.folder / "mlruns" / "artifacts").resolve().as_uri())
        assert run.info.status == "FINISHED"


def test_a_run_has_parameters_figures_tags_and_plots(home):
    """Everything that says what a model is and came from."""
    client = home.registry.client()
    for one in home.first.trained:
        run = client.get_run(one.version.run_id)
        assert run.data.params["seed"] == "3"
        assert run.data.params["test_from"] == T.isoformat()
        assert set(vars(PARAMS)) <= set(run.data.params)
        recipe = one.fitted.model.recipe.as_json()
        assert {k: run.data.params[f"recipe.{k}"] for k in recipe} == {k: str(v) for k, v in recipe.items()}
        wanted = {"dataset": "small", "fingerprint": home.dataset.fingerprint, "catalogue": catalogue_hash()}
        wanted |= {"code_version": code_version(), "seed": "3", "model": one.fitted.model.name}
        assert {k: run.data.tags[f"lanewise.{k}"] for k in wanted} == wanted
        for name, value in one.fitted.figures.items():
            assert run.data.metrics[name] == pytest.approx(value)
        names = {item.path for folder in (None, "plots") for item in client.list_artifacts(run.info.run_id, folder)}
        assert {"plots/reliability.png", "plots/lift.png", "manifest.json", "features.json"} <= names
        assert {"frame_checks.json", "frame_checks.html"} <= names
        assert {f"plots/{name}.png" for name in ("importance", "dependence", "drift")} <= names


def test_a_run_has_its_intervals_a_table_of_every_slice_and_a_description(home, tmp_path):
    """The pooled figure lies between its ends; the table has a row for each slice and figure."""
    client = home.registry.client()
    for one in home.first.trained:
        metrics = client.get_run(one.version.run_id).data.metrics
        chief = "kappa" if one.fitted.model.name is ModelName.SEVERITY else "auc"
        assert metrics[f"low/{chief}"] < metrics[chief] < metrics[f"high/{chief}"]
        table = pd.read_csv(client.download_artifacts(one.version.run_id, "measures.csv", str(tmp_path)))
        counted = table[table["measure"] == "n"].set_index("slice")["value"]
        assert counted.to_dict() == {"all": len(one.fitted.predicted)} | {
            key: figures["n"] for key, figures in one.fitted.by_slice.items()
        }
        note = client.get_run(one.version.run_id).data.tags["mlflow.note.content"]
        assert "| measure | good is | value |" in note
        assert "model_card.html" in note
        (used,) = client.get_run(one.version.run_id).inputs.dataset_inputs
        assert (used.dataset.name, used.dataset.digest) == ("small", home.dataset.fingerprint[:36])
        assert "lightgbm" in client.get_run(one.version.run_id).data.tags["lanewise.environment"]
        value, low, high = (table[name] for name in ("value", "low", "high"))
        assert ((low <= value) & (value <= high))[low.notna()].all()


def test_a_column_that_holds_the_future_is_named_and_the_model_still_fitted(tmp_path):
    """An attribute that repeats the answer is told of the tender model by name; it is a person's to drop."""
    tables = network()
    leaked = tables["tenders"].assign(x_answer=(tables["tenders"]["outcome"] == "rejected").astype("float64"))
    fitted = fit_model(FeatureFrames(small(tmp_path / "data", tenders=leaked)), ModelName.TENDER_FAILURE, PARAMS)
    assert [column.name for column in fitted.checked.leaking] == ["x_answer"]
    assert fitted.checked.lines()[0].startswith("x_answer alone tells 'tender fails' with AUC 1.0000")


def test_a_model_has_a_signature_and_an_input_example(home):
    """MLflow tells inputs and outputs, and keeps rows to try."""
    import mlflow
    from mlflow.models import Model

    mlflow.set_tracking_uri(home.registry.uri)
    for one in home.first.trained:
        model = Model.load(f"models:/small.{one.fitted.model.name}/1")
        assert [column.name for column in model.signature.inputs] == list(one.fitted.test_frame)
        assert [column.name for column in model.signature.outputs] == list(one.fitted.predicted)
        assert model.saved_input_example_info is not None


def test_the_copy_in_the_home_agrees_with_the_registry(home):
    """var/models/<name>/<version> has the hash the registry remembers; current.json names the champions."""
    current = in_service(home.folder)
    assert sorted(current) == sorted(NAMES)
    for version in home.registry.versions():
        assert folder_hash(copy_of(home.folder, version.name, version.version)) == version.tags["sha256"]
        if "champion" in version.aliases:
            said = current[version.name]
            assert (said.version, said.run_id, said.sha256) == (version.version, version.run_id, version.tags["sha256"])
    assert disagreements(home.folder, home.registry.uri) == []


def test_disagreements_are_told(home, tmp_path):
    """A copy in service that is not the champion is named with both versions; so is one that is missing."""
    said = in_service(home.folder)
    models_folder(tmp_path).mkdir(parents=True)
    put_in_service(tmp_path, {name: one for name, one in said.items() if name != NAMES[0]})
    put_in_service(tmp_path, {NAMES[1]: type(said[NAMES[1]])("2", "run", "hash")})
    told = disagreements(tmp_path, home.registry.uri)
    assert [line.split(":")[0] for line in told] == [NAMES[0], NAMES[1]]
    assert "version none is in service" in told[0]
    assert "version 2 is in service, but the registry's champion is 1" in told[1]


def test_mlflow_predicts_what_our_copy_predicts(home):
    """The pyfunc, loaded by MLflow, and the home's copy give the same frame, bit for bit."""
    import mlflow

    mlflow.set_tracking_uri(home.registry.uri)
    for one in home.first.trained:
        name = f"small.{one.fitted.model.name}"
        ours, provenance = load_model(copy_of(home.folder, name, "1"))
        frame = one.fitted.test_frame
        told = mlflow.pyfunc.load_model(f"models:/{name}/1").predict(frame)
        pd.testing.assert_frame_equal(told, ours.predict(frame), check_exact=True)
        assert provenance.fingerprint == home.dataset.fingerprint
        assert provenance.trained_until == T.isoformat()


ELSEWHERE = """
import sys
class Others:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("duckdb", "ortools", "great_expectations", "bentoml", "typer", "training", "serving"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Others())
import mlflow, pandas as pd
uri, model, frame, out = sys.argv[1:]
mlflow.set_tracking_uri(uri)
loaded = mlflow.pyfunc.load_model(model)
import models
assert "/code/models" in models.__path__[0], models.__path__
loaded.predict(pd.read_pickle(frame)).to_pickle(out)
"""


def test_mlflow_needs_nothing_but_what_it_keeps(home, tmp_path):
    """A process elsewhere, without our code and the libraries that a model does not list: the same predictions."""
    one = home.first.trained[2]
    frame, out = tmp_path / "frame.pickle", tmp_path / "out.pickle"
    one.fitted.test_frame.head(20).to_pickle(frame)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [
        sys.executable,
        "-P",
        "-W",
        "ignore",
        "-c",
        ELSEWHERE,
        home.registry.uri,
        f"models:/{NAMES[2]}/1",
        frame,
        out,
    ]
    run = subprocess.run(list(map(str, command)), cwd=tmp_path, env=kept, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    pd.testing.assert_frame_equal(pd.read_pickle(out), one.fitted.predicted.head(20), check_exact=True)


def test_the_registered_model_is_the_one_that_was_tested(home):
    """The home's copy predicts the test part exactly as it was measured."""
    for one in home.first.trained:
        ours, _ = load_model(copy_of(home.folder, f"small.{one.fitted.model.name}", "1"))
        pd.testing.assert_frame_equal(ours.predict(one.fitted.test_frame), one.fitted.predicted, check_exact=True)


def test_the_same_training_twice_gives_the_same_bytes(home, tmp_path):
    """Same data, parameters and cut: the fitted model's folder is the same, and only the run differs."""
    again = fit_model(FeatureFrames(home.dataset), ModelName.TENDER_FAILURE, PARAMS, T.to_pydatetime())
    one = home.first.trained[1]
    provenance = load_model(copy_of(home.folder, NAMES[1], "1"))[1]
    save_model(again.model, provenance, tmp_path / "again")
    assert folder_hash(tmp_path / "again") == one.version.tags["sha256"]


def test_an_experiment_of_another_name_is_its_own(home):
    """The setting names the experiment."""
    registry = Registry(home.folder, MlflowParams(experiment="other"))
    assert registry.experiment_id() == registry.experiment_id() != home.registry.experiment_id()


def test_an_experiment_says_what_its_runs_are(home):
    """Its kind is kept, and the words that head its pages name the command that made them."""
    tags = home.registry.client().get_experiment(home.registry.experiment_id()).tags
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    assert "lanewise train" in tags["mlflow.note.content"]


def test_exceptions_alone_still_give_severity(tmp_path, monkeypatch):
    """The other two are skipped, and each says what is missing; nothing more is demanded."""
    monkeypatch.setattr("training.training.Tracker", Unregistered)
    dataset = _only(tmp_path, "exceptions")
    report = train(dataset, Registry(tmp_path, MlflowParams()), PARAMS)
    assert [one.fitted.model.name for one in report.trained] == [ModelName.SEVERITY]
    assert report.skipped == {
        ModelName.ETA_RISK: "the table shipments is absent or empty",
        ModelName.TENDER_FAILURE: "the table tenders is absent or empty",
    }


class Unregistered:
    """Stands in for the tracker where MLflow is not the point."""

    def __init__(self, *ignored):
        pass

    def record(self, fitted, folds):
        return [None] * len(fitted)


def _only(folder: Path, *tables: str):
    return write_dataset(folder / "data", MANIFEST, {name: network()[name] for name in tables})


def test_a_named_model_that_lacks_its_table_is_refused(tmp_path):
    """Asked for tender_failure without tenders: nothing is registered, the message names the table."""
    dataset = _only(tmp_path, "shipments", "milestones")
    with pytest.raises(CannotTrain, match="tender_failure: the table tenders is absent or empty"):
        train(dataset, Registry(tmp_path, MlflowParams()), PARAMS, [ModelName.TENDER_FAILURE])
    assert not (tmp_path / "mlruns").exists()


def test_a_data_set_that_trains_nothing_is_refused(tmp_path):
    """Shipments without a single delivery, nothing else: every model is named with what it lacks."""
    dataset = _only(tmp_path, "shipments")
    with pytest.raises(CannotTrain) as told:
        train(dataset, Registry(tmp_path, MlflowParams()), PARAMS)
    assert "nothing was registered" in str(told.value)
    assert "eta_risk: milestones has no delivery (code D1 of x12-1650)" in str(told.value)
    assert "severity: the table exceptions is absent or empty" in str(told.value)
    assert not (tmp_path / "var").exists()


def test_one_class_and_too_few_are_told(tmp_path):
    """All tenders accepted, and 30 exceptions: each message says what came and what is needed."""
    tables = network()
    tenders = tables["tenders"].assign(outcome="accepted")
    exceptions = tables["exceptions"].iloc[:30]
    dataset = small(tmp_path / "data", tenders=tenders, exceptions=exceptions)
    wanted = [ModelName.TENDER_FAILURE, ModelName.SEVERITY]
    with pytest.raises(CannotTrain) as told:
        train(dataset, Registry(tmp_path, MlflowParams()), PARAMS, wanted)
    assert "known outcomes are 'accepted'; a model needs some 'failed'" in str(told.value)
    assert "fewer than the 30 needed (training.min_subjects)" in str(told.value)
