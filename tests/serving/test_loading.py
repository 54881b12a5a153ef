"""Loading behind a service that already answers."""

import gc
from threading import Event

from domain.ask import PredictionRequest
from domain.errors import NotThere
from domain.params import ServeParams
from domain.predictions import ModelName
from serving.api.app import create_app
from serving.api.backend import Backend
from serving.loading import LoadingBackend
from tests.serving.client import Client
from tests.serving.fake import PLAN_ID, FakeBackend


def test_ready_only_when_everything_is_loaded() -> None:
    """The probe turns from 503 to 200 by itself, and what is loaded is kept from the collector."""
    go = Event()

    def open_slowly() -> Backend:
        go.wait(10)
        return FakeBackend()

    backend = LoadingBackend(open_slowly)
    client = Client(create_app(backend, ServeParams()))
    thread, frozen = backend.start(), gc.get_freeze_count()
    assert client.get("/readyz").status_code == 503
    go.set()
    thread.join(10)
    assert client.get("/readyz").status_code == 200
    assert gc.get_freeze_count() > frozen
    gc.unfreeze()
    client.close()


def test_what_is_wrong_with_the_home_is_told() -> None:
    """An error of the domain is the reason, word for word; a defect's is not shown."""

    def refuse() -> Backend:
        raise NotThere("flights.eta_risk has no version here; run `lanewise train`")

    def break_down() -> Backend:
        raise KeyError("a secret of the inside")

    for opening, words in ((refuse, "run `lanewise train`"), (break_down, "the log of the service")):
        backend = LoadingBackend(opening)
        backend.start().join(10)
        assert words in backend.status().reasons[0]


def test_everything_is_passed_on() -> None:
    """Once loaded it is as if one asked the backend itself."""
    loading, itself = LoadingBackend(FakeBackend), FakeBackend()
    loading.start().join(10)
    gc.unfreeze()
    request = PredictionRequest(ids=("S-1",))
    assert loading.predict(ModelName.SEVERITY, request) == itself.predict(ModelName.SEVERITY, request)
    assert loading.plan(None, None) == itself.plan(None, None)
    assert loading.plan_by_id(PLAN_ID) == itself.plan_by_id(PLAN_ID)
    assert loading.explain(PLAN_ID, "a", None) == itself.explain(PLAN_ID, "a", None)
    assert loading.status() == itself.status()
