"""What the service needs of BentoML, and real servers that show it is there."""

import inspect
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bentoml
import httpx
import pytest

from serving.carrier import AppService, Front
from serving.service import service
from tests.serving.conftest import Server, make_home, start

ETA = "/v1/predictions/eta-risk"


def test_bentoml_still_has_what_is_used() -> None:
    """service_class, to_asgi(is_main) and mount_asgi_app(app, path): not documented, so held to here."""
    assert "service_class" in inspect.signature(bentoml.service).parameters
    assert list(inspect.signature(bentoml.Service.to_asgi).parameters) == ["self", "is_main"]
    assert {"app", "path"} <= set(inspect.signature(bentoml.Service.mount_asgi_app).parameters)


def test_the_service_is_ours_and_has_no_methods_of_bentoml() -> None:
    """One ASGI application, no @bentoml.api."""
    assert isinstance(service, AppService)
    assert not service.apis
    assert service.name == "lanewise"


def test_requests_go_to_the_application_and_the_life_of_the_process_to_bentoml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's ASGI application is the front, and the mount is there too."""
    monkeypatch.setenv("LANEWISE_HOME", str(tmp_path))
    front = service.to_asgi()
    assert isinstance(front, Front)
    assert front.app in [mounted for mounted, *_ in service.mount_apps]
    service.mount_apps.clear()


def test_importing_the_service_loads_neither_models_nor_mlflow() -> None:
    """The supervisor imports it too, and needs none of them."""
    code = "import sys, serving.service; print(*{'mlflow', 'lightgbm', 'great_expectations'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_ours_answer_not_bentomls(server: Server) -> None:
    """BentoML has its own /healthz, /readyz, /metrics, /docs.json and /; ours win."""
    assert server.get("/healthz").json() == {"status": "alive"}
    assert server.get("/openapi.json").json()["info"]["title"] == "Lanewise"
    assert "<h1>Lanewise</h1>" in server.get("/").text
    for path in ("/livez", "/docs.json", "/schema.json"):
        assert server.get(path).headers["content-type"] == "application/problem+json"


def test_a_real_server_predicts(server: Server) -> None:
    """The whole way: supervisor, worker, application, backend; and no MLflow (the fake asserts it)."""
    assert server.post(ETA, {"ids": ["S-1"]}).json()["predictions"][0]["p_late"] == 0.25
    assert server.get("/readyz").json()["status"] == "ready"


def test_settings_reach_the_workers(server: Server) -> None:
    """The server was started with max_subjects = 5."""
    assert server.post(ETA, {"ids": ["S-1"] * 6}).status_code == 413


def test_metrics_are_those_of_all_workers(server: Server) -> None:
    """Whichever of two workers is asked, it counts the requests of both."""

    def total() -> float:
        found = re.search(r'requests_total\{.*"/v1/models",status="200"\} (\S+)', server.get("/metrics").text)
        return float(found[1]) if found else 0.0

    before = total()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: server.get("/v1/models"), range(40)))
    assert {total() for _ in range(6)} == {before + 40}


def test_starting_takes_less_than_ten_seconds(server: Server) -> None:
    """From the command to the first answer; twice that is allowed here, because tests run side by side."""
    assert server.seconds < 20


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopping_lets_what_is_under_way_finish(tmp_path: Path, how: signal.Signals) -> None:
    """A prediction of a second is answered although the signal came meanwhile; the exit code is 0."""
    server = start(make_home(tmp_path), FAKE_PREDICTING_S="1")
    while server.get("/readyz").status_code != 200:
        time.sleep(0.05)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(server.post, ETA, {"ids": ["S-1"]})
        time.sleep(0.4)
        server.process.send_signal(how)
        assert answer.result().status_code == 200
    assert server.process.wait(20) == 0


def test_a_worker_does_not_outlive_its_supervisor(tmp_path: Path) -> None:
    """After kill -9 the port is free again, instead of answered by a worker with old models."""
    server = start(make_home(tmp_path))
    server.process.kill()
    server.process.wait(10)
    for _ in range(100):
        try:
            server.get("/healthz")
        except httpx.TransportError:
            return
        time.sleep(0.1)
    raise AssertionError("a worker still answers")


def test_probes_answer_while_models_are_being_loaded(tmp_path: Path) -> None:
    """A real worker is alive at once and ready later."""
    server = start(make_home(tmp_path), FAKE_LOADING_S="2")
    assert server.get("/readyz").status_code == 503
    for _ in range(100):
        if server.get("/readyz").status_code == 200:
            break
        time.sleep(0.1)
    assert server.get("/readyz").status_code == 200
    server.process.terminate()
    server.process.wait(20)
