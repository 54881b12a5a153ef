"""The application over real models of a small home: what it answers is what the models say, and adds up."""

import json
import math
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from decisions.bootstrap import open_home
from decisions.predicting import predict_frame
from decisions.settings import load_settings
from domain.params import ServeParams
from domain.predictions import ID_COLUMNS, PREDICTED_COLUMNS, ModelName
from serving.api.app import create_app
from store.dataset import open_dataset
from tests.serving.cli.command import COMMAND, Ended, environment
from tests.serving.client import Client
from tests.serving.conftest import Server, free_port

pytestmark = pytest.mark.filterwarnings("ignore:Series.dt.dayofweek")

PATHS = {name: f"/v1/predictions/{name.replace('_', '-')}" for name in ModelName}
AS_OF = "2024-01-12T00:00:00Z"
ROWS = {
    ModelName.ETA_RISK: {
        "shipment_id": "new",
        "planned_pickup_at": "2024-01-12T04:00:00Z",
        "planned_delivery_at": "2024-01-12T12:00:00Z",
        "carrier_id": "c4",
        "origin_id": "o1",
        "destination_id": "d1",
        "x_goods": "paper",
        "x_pieces": 7,
    },
    ModelName.TENDER_FAILURE: {"tender_id": "new", "offered_at": AS_OF, "shipment_id": "s520", "carrier_id": "c4"},
    ModelName.SEVERITY: {"exception_id": "new", "kind": "eta_slip", "raised_at": AS_OF, "shipment_id": "s520"},
}


@pytest.fixture(scope="module")
def home(trained: tuple[Path, Ended], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the trained home, for plans to be kept in."""
    folder = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(trained[0], folder)
    return folder


def client_of(home: Path) -> Client:
    settings = load_settings(home, {}).settings
    return Client(create_app(open_home(home, settings, home / settings.data), ServeParams()))


@pytest.fixture(scope="module")
def real(home: Path) -> Iterator[Client]:
    with closing(client_of(home)) as client:
        yield client


@pytest.fixture(scope="module")
def schemas(real: Client) -> dict[str, Any]:
    document: dict[str, Any] = real.get("/openapi.json").json()
    return document


def check(schemas: dict[str, Any], name: str, instance: Any) -> None:
    """Validate against a schema of the OpenAPI document."""
    reference = {"$ref": f"#/components/schemas/{name}", "components": schemas["components"]}
    Draft202012Validator(reference).validate(instance)


def predicted(client: Client, model: ModelName, **body: Any) -> list[dict[str, Any]]:
    answer = client.post(PATHS[model], json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["predictions"]
    return found


def refused(client: Client, status: int, path: str, **body: Any) -> str:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


def offline(home: Path, model: ModelName) -> pd.DataFrame:
    """What ``lanewise predict`` would write: the last stage where a subject has several at one moment."""
    dataset = open_dataset(home / "var/data/small")
    frame = predict_frame(dataset, home, model, begin=datetime.fromisoformat("2024-01-12T00:00+00:00")).frame
    return frame.drop_duplicates(["subject_id", "as_of"], keep="last")


@pytest.mark.parametrize("model", ModelName)
def test_online_is_offline(home: Path, real: Client, model: ModelName) -> None:
    """A subject asked about by id as of its stage gets the very numbers that ``predict`` gives a table, bit for bit."""
    rows = offline(home, model)
    stages = rows.groupby("stage").sample(6, random_state=1)
    assert len(stages) >= 6
    for row in stages.to_dict("records"):
        (one,) = predicted(real, model, ids=[row["subject_id"]], as_of=row["as_of"].isoformat())
        assert one["stage"] == row["stage"]
        assert {name: one[name] for name in PREDICTED_COLUMNS[model]} == {
            name: row[name] for name in PREDICTED_COLUMNS[model]
        }


def test_an_arrival_is_the_plan_and_the_delay(home: Path, real: Client) -> None:
    """The plan on record, and the 10, 50 and 90 % quantiles after it, to the second."""
    planned = open_dataset(home / "var/data/small").table("shipments").set_index("shipment_id")["planned_delivery_at"]
    for row in offline(home, ModelName.ETA_RISK).sample(6, random_state=2).to_dict("records"):
        as_of = row["as_of"].isoformat()
        (one,) = predicted(real, ModelName.ETA_RISK, ids=[row["subject_id"]], as_of=as_of)
        plan = planned.groupby(level=0).first()[row["subject_id"]]
        told = one["arrival"]
        for name, delay in (("earliest_at", "q10"), ("eta_at", "q50"), ("latest_at", "q90")):
            off = pd.Timestamp(told[name]) - plan - pd.Timedelta(minutes=one[delay])
            assert abs(off.total_seconds()) <= 0.51
        assert told["earliest_at"] <= told["eta_at"] <= told["latest_at"]
        remaining = (pd.Timestamp(told["eta_at"]) - row["as_of"]).total_seconds() / 60
        assert told["remaining_min"] == pytest.approx(remaining)


@pytest.mark.parametrize("model", ModelName)
def test_one_and_many_are_told_the_same(home: Path, real: Client, model: ModelName) -> None:
    """A request's other subjects change nothing, and answers come in the order asked."""
    ids = offline(home, model)["subject_id"].head(40).drop_duplicates().tolist()[::-1]
    open_ones = [i for i in ids if real.post(PATHS[model], json={"ids": [i], "as_of": AS_OF}).status_code == 200]
    assert open_ones
    asked = [*open_ones, open_ones[0]]
    alone = [predicted(real, model, ids=[one], as_of=AS_OF)[0] for one in asked]
    assert predicted(real, model, ids=asked, as_of=AS_OF) == alone


@pytest.mark.parametrize("body", ["ids", "subjects"])
@pytest.mark.parametrize("model", ModelName)
def test_contributions_add_up_to_the_probability(
    home: Path, real: Client, schemas: dict[str, Any], model: ModelName, body: str
) -> None:
    """Base and contributions sum to the margin; with calibration, the sigmoid is the probability."""
    subjects = [ROWS[model] | {ID_COLUMNS[model]: f"new-{k}", "carrier_id": f"c{k}"} for k in range(6)]
    rows = offline(home, model)
    ids = rows.loc[rows["as_of"] == rows["as_of"].iloc[0], "subject_id"].tolist()
    asked = {"ids": ids, "as_of": rows["as_of"].iloc[0].isoformat()} if body == "ids" else {"subjects": subjects}
    for one in predicted(real, model, contributions=True, **asked):
        told = one["explanation"]
        assert told["unit"] == "log-odds"
        assert math.fsum([told["base"], *(step["contribution"] for step in told["contributions"])]) == pytest.approx(
            told["margin"], abs=1e-9
        )
        said = sum(one[name] for name in told["of"].split("+"))
        assert 1 / (1 + math.exp(-(told["margin"] + told["calibration"]))) == pytest.approx(said, abs=1e-9)


@pytest.mark.parametrize("model", ModelName)
def test_answers_are_as_documented(real: Client, schemas: dict[str, Any], model: ModelName) -> None:
    """The body is what OpenAPI says, quantiles rise and classes sum to 1."""
    answer = real.post(PATHS[model], json={"subjects": [ROWS[model]], "as_of": AS_OF, "contributions": True}).json()
    check(schemas, f"{''.join(part.title() for part in model.split('_'))}Predictions", answer)
    (one,) = answer["predictions"]
    if model is ModelName.ETA_RISK:
        assert np.all(np.diff([one[name] for name in PREDICTED_COLUMNS[model][1:]]) >= 0)
    if model is ModelName.SEVERITY:
        assert sum(one[name] for name in PREDICTED_COLUMNS[model] if name.startswith("p_")) == pytest.approx(1)


def test_an_inline_subject_like_a_recorded_one_is_told_the_same(home: Path, real: Client) -> None:
    """Described inline with the values of its record, a shipment at release gets the numbers of its id."""
    shipments = open_dataset(home / "var/data/small").table("shipments")
    row = shipments[shipments["known_at"] == pd.Timestamp(AS_OF)].iloc[0]
    moments = {name: row[name].isoformat() for name in ("planned_pickup_at", "planned_delivery_at")}
    same = ("origin_id", "destination_id", "carrier_id", "x_goods", "x_pieces")
    inline = {"shipment_id": "new", **moments, **{name: row[name] for name in same}}
    (by_id,) = predicted(real, ModelName.ETA_RISK, ids=[row["shipment_id"]], as_of=AS_OF)
    (described,) = predicted(real, ModelName.ETA_RISK, subjects=[inline], as_of=AS_OF)
    assert by_id["stage"] == described["stage"] == "release"
    assert {**described, "subject_id": by_id["subject_id"]} == by_id


@pytest.mark.parametrize("model", ModelName)
@pytest.mark.parametrize(
    "change",
    [
        {"carrier_id": "never seen"},
        {"carrier_id": None, "shipment_id": None},
        {"x_goods": "never seen", "x_pieces": None},
        {"x_pieces": 1.5},
        {"x_goods": 7},
        {"x_goods": None, "x_unknown": "a", "x_flag": True},
    ],
)
def test_an_inline_subject_may_hold_what_was_never_seen(real: Client, model: ModelName, change: dict[str, Any]) -> None:
    """Unknown categories, blanks and columns of one's own are answered, and only change what they can."""
    row = {**ROWS[model], **{k: v for k, v in change.items() if k != ID_COLUMNS[model]}}
    (one,) = predicted(real, model, subjects=[row], as_of=AS_OF, contributions=True)
    assert all(math.isfinite(one[name]) for name in PREDICTED_COLUMNS[model])
    assert "x_unknown" not in {step["feature"] for step in one["explanation"]["contributions"]}


def test_an_attribute_of_another_kind_is_refused(real: Client) -> None:
    """Text where the data set has numbers is the caller's mistake, and named."""
    detail = refused(
        real, 422, PATHS[ModelName.ETA_RISK], subjects=[ROWS[ModelName.ETA_RISK] | {"x_pieces": "many"}], as_of=AS_OF
    )
    assert "x_pieces" in detail
    assert "'many'" in detail


@pytest.mark.parametrize("model", ModelName)
def test_an_unknown_id_is_not_found(real: Client, model: ModelName) -> None:
    """404 with the id; also for one that is not known yet at that moment."""
    assert "'nobody'" in refused(real, 404, PATHS[model], ids=["nobody"], as_of=AS_OF)
    first = {ModelName.ETA_RISK: "s699", ModelName.TENDER_FAILURE: "t699", ModelName.SEVERITY: "e699"}[model]
    assert "was not known by" in refused(real, 404, PATHS[model], ids=[first], as_of=AS_OF)


@pytest.mark.parametrize("model", ModelName)
def test_what_has_come_about_is_not_predicted(home: Path, real: Client, model: ModelName) -> None:
    """A shipment delivered by then, an offer answered, an impact known: 404 says since when; before, it answers."""
    first = {ModelName.ETA_RISK: "s100", ModelName.TENDER_FAILURE: "t100", ModelName.SEVERITY: "e100"}[model]
    dataset = open_dataset(home / "var/data/small")
    milestones, tenders, exceptions = (dataset.table(name) for name in ("milestones", "tenders", "exceptions"))
    known = {
        ModelName.ETA_RISK: milestones.loc[(milestones.shipment_id == "s100") & (milestones.code == "D1"), "known_at"],
        ModelName.TENDER_FAILURE: tenders.loc[tenders.tender_id == "t100", "outcome_known_at"],
        ModelName.SEVERITY: exceptions.loc[exceptions.exception_id == "e100", "resolved_known_at"],
    }[model].iloc[0]
    detail = refused(real, 404, PATHS[model], ids=[first], as_of=known.isoformat())
    assert known.isoformat().replace("+00:00", "Z") in detail
    assert predicted(real, model, ids=[first], as_of=(known - pd.Timedelta(seconds=1)).isoformat())


@pytest.mark.parametrize("model", ModelName)
@pytest.mark.parametrize("asked", [{"ids": ["nobody"]}, {"subjects": None}])
def test_nothing_is_predicted_after_the_cut_off(real: Client, model: ModelName, asked: dict[str, Any]) -> None:
    """422 says until when the data set is known."""
    body = asked if "ids" in asked else {"subjects": [ROWS[model]]}
    detail = refused(real, 422, PATHS[model], **body, as_of="2030-01-01")
    cut_off = real.get("/v1/models").json()["data"]["cut_off"]
    assert f"known until {cut_off} only" in detail


def test_a_model_that_is_missing_says_what_is_missing(home: Path, tmp_path: Path) -> None:
    """409 names the model and what to run; the others answer."""
    folder = tmp_path / "home"
    shutil.copytree(home, folder)
    current = folder / "var" / "models" / "current.json"
    said = json.loads(current.read_text())
    del said["small.severity"]
    current.write_text(json.dumps(said))
    with closing(sqlite3.connect(folder / "mlruns" / "mlflow.db")) as registry, registry:
        registry.execute("DELETE FROM registered_model_aliases WHERE name = 'small.severity'")
    with closing(client_of(folder)) as client:
        detail = refused(client, 409, PATHS[ModelName.SEVERITY], ids=["e100"])
        assert "there is no model small.severity" in detail
        assert "lanewise train" in detail
        assert predicted(client, ModelName.ETA_RISK, subjects=[ROWS[ModelName.ETA_RISK]], as_of=AS_OF)


def test_a_plan_is_made_kept_and_explained(home: Path, real: Client, schemas: dict[str, Any]) -> None:
    """201; the same again under the same id, also after a restart; each case is explained."""
    made = real.post("/v1/plans", json={"as_of": AS_OF})
    assert made.status_code == 201, made.text
    check(schemas, "PlanAnswer", made.json())
    assert real.post("/v1/plans", json={"as_of": AS_OF}).json() == made.json()
    with closing(client_of(home)) as restarted:
        assert restarted.get(made.headers["location"]).json() == made.json()
    cases = made.json()["plan"]["cases"]
    assert cases
    for case in cases[:5]:
        where = f"{made.headers['location']}/cases/{quote(case['case_id'], safe='')}"
        answer = real.get(where, params={"action": "do_nothing"})
        assert answer.status_code == 200, answer.text
        check(schemas, "CaseAnswer", answer.json())
        assert answer.json()["case"] == case
        assert answer.json()["asked"]["action"] == "do_nothing"
    assert real.get(f"{made.headers['location']}/cases/nobody").status_code == 404


def test_a_plan_goes_by_the_policy_that_is_sent(real: Client) -> None:
    """Forbidding everything leaves doing nothing and escalating; the plan names the policy by its content."""
    strict = '[[rule]]\nname = "nothing"\nwhen = "true"\neffect = "forbid"\n'
    usual = real.post("/v1/plans", json={"as_of": AS_OF}).json()
    made = real.post("/v1/plans", json={"as_of": AS_OF, "policy": strict})
    assert made.status_code == 201, made.text
    assert made.json()["id"] != usual["id"]
    assert set(made.json()["plan"]["summary"]["actions"]) <= {"do_nothing", "escalate"}


@pytest.mark.parametrize(
    "policy",
    ["nonsense", '[[rule]]\nname = "a"\nwhen = "__import__(\'os\')"\neffect = "forbid"\n', "[[rule]]\nname = 1\n"],
)
def test_a_bad_policy_is_the_callers_mistake(real: Client, policy: str) -> None:
    """422 with what is wrong; nothing is planned."""
    assert refused(real, 422, "/v1/plans", as_of=AS_OF, policy=policy)


def test_nothing_is_planned_after_the_cut_off(real: Client) -> None:
    """As for predictions."""
    assert "cut-off" in refused(real, 422, "/v1/plans", as_of="2030-01-01")


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Server]:
    """``lanewise serve`` over the home, as a process."""
    port = free_port()
    command = [*COMMAND, "--home", str(home), "serve", str(home / "var/data/small"), "--port", str(port)]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=home, env=environment(), stdout=log, stderr=log, text=True)
    server = Server(process, f"http://127.0.0.1:{port}", 0.0)
    began = time.monotonic()
    try:
        while not is_ready(server):
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() - began < 60, server.get("/readyz").text
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def is_ready(server: Server) -> bool:
    try:
        return server.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_real_server_answers_as_this_process_does(home: Path, real: Client, served: Server) -> None:
    """Ready, and a prediction and a plan are those that the application gives here."""
    assert served.get("/readyz").json()["data"]["name"] == "small", (home / "log").read_text()
    body = {"subjects": [ROWS[ModelName.ETA_RISK]], "as_of": AS_OF, "contributions": True}
    path = PATHS[ModelName.ETA_RISK]
    assert served.post(path, body).json() == real.post(path, json=body).json()
    plans = [served.post("/v1/plans", {"as_of": AS_OF}), real.post("/v1/plans", json={"as_of": AS_OF})]
    there, here = (answer.json()["plan"] for answer in plans)
    assert there["cases"] == here["cases"]  # the plan's id names the code's commit too, which may move meanwhile
    assert there["certificate"]["fingerprint"] == here["certificate"]["fingerprint"]


def test_a_real_server_drains_and_stops(served: Server) -> None:
    """A plan under way is answered although the signal came; the exit code is 0."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(served.post, "/v1/plans", {"as_of": "2024-01-12T06:00:00Z"})
        time.sleep(0.4)
        served.process.send_signal(signal.SIGTERM)
        assert answer.result().status_code == 201
    assert served.process.wait(30) == 0


LEAN = """
import sys
from datetime import datetime
from pathlib import Path

from decisions.bootstrap import open_home
from decisions.settings import load_settings
from domain.ask import PredictionRequest
from domain.predictions import ModelName

home, moment = Path(sys.argv[1]), datetime.fromisoformat("2024-01-12T00:00+00:00")
settings = load_settings(home, {}).settings
house = open_home(home, settings, home / settings.data)
row = {"exception_id": "new", "kind": "eta_slip", "raised_at": moment}
house.predict(ModelName.SEVERITY, PredictionRequest(subjects=(row,), as_of=moment, contributions=True))
house.plan_by_id(house.plan(moment, None).plan_id)
print(*sorted({"mlflow", "great_expectations", "bentoml", "fastapi"} & set(sys.modules)))
"""


def test_predicting_and_planning_need_no_mlflow(home: Path) -> None:
    """A fresh interpreter that predicts and plans has imported neither MLflow nor Great Expectations nor a door."""
    done = subprocess.run(
        [sys.executable, "-c", LEAN, str(home)], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
