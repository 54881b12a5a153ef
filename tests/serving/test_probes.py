"""Probes, metrics and pages."""

from prometheus_client.parser import text_string_to_metric_families

from domain.health import Health, ModelHealth
from domain.params import ServeParams
from domain.predictions import ModelName
from serving.api.app import create_app
from tests.serving.client import Client
from tests.serving.fake import CUT_OFF, FakeBackend


def counted(client: Client) -> dict[tuple[str, str, str], float]:
    """Requests by route, method and status, as Prometheus reads them."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.labels["route"], sample.labels["method"], sample.labels["status"]): sample.value
        for family in families
        for sample in family.samples
        if sample.name == "lanewise_http_requests_total"
    }


def test_alive_is_not_ready() -> None:
    """A process that loads is alive; it is ready when nothing is missing."""
    client = Client(create_app(FakeBackend(reasons=("models are being loaded",)), ServeParams()))
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "models are being loaded" in answer.json()["detail"]
    client.close()


def test_ready_says_what_it_serves(client: Client) -> None:
    """Data set, cut-off, models and versions."""
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["data"] == {"name": "fake", "cut_off": "2014-01-01T00:00:00Z"}
    assert {model["version"] for model in answer.json()["models"]} == {"3"}


def test_models_in_service_and_not() -> None:
    """Each model is in one of the two lists."""
    missing = {ModelName.SEVERITY: "missing the table exceptions"}
    client = Client(create_app(FakeBackend(missing), ServeParams()))
    answer = client.get("/v1/models").json()
    assert [model["model"] for model in answer["models"]] == ["eta_risk", "tender_failure"]
    assert answer["skipped"] == [{"model": "severity", "reason": "missing the table exceptions"}]
    client.close()


def test_metrics_count_by_route_never_by_path(client: Client) -> None:
    """Two plans that are not there are one series; so are two routes that are not."""
    for path in ("/v1/plans/a", "/v1/plans/b", "/nothing/1", "/nothing/2", "/metrics"):
        client.get(path)
    client.request("BREW", "/v1/plans/a")
    count = counted(client)
    assert count["/v1/plans/{plan_id}", "GET", "404"] == 2
    assert count["unmatched", "GET", "404"] == 2
    assert count["/metrics", "GET", "200"] == 1
    assert count["/v1/plans/{plan_id}", "other", "405"] == 1


def test_metrics_count_defects_and_refused_bodies(client: Client) -> None:
    """What never reached a route is counted too."""
    row = {"shipment_id": "defect", "planned_delivery_at": "2013-10-01"}
    client.post("/v1/predictions/eta-risk", json={"subjects": [row]})
    client.post("/v1/predictions/eta-risk", content=b" " * 6_000)
    count = counted(client)
    assert count["/v1/predictions/eta-risk", "POST", "500"] == 1
    assert count["unmatched", "POST", "413"] == 1


ILL = {
    ModelName.ETA_RISK: ModelHealth(Health.OK, as_of=CUT_OFF, cost_per_day=0.5),
    ModelName.SEVERITY: ModelHealth(Health.ALARM, "deciding by it loses 40.00 USD a day", CUT_OFF, CUT_OFF, 40.0),
}


def test_an_alarm_is_told_and_stops_nothing() -> None:
    """Its reason and since when, beside the version; ready all the same. What nobody looked at is unknown."""
    client = Client(create_app(FakeBackend(health=ILL), ServeParams()))
    health = {one["model"]: one["health"] for one in client.get("/v1/models").json()["models"]}
    assert {model: one["state"] for model, one in health.items()} == {
        "eta_risk": "ok",
        "tender_failure": "unknown",
        "severity": "alarm",
    }
    assert health["severity"]["since"] == "2014-01-01T00:00:00Z"
    assert health["severity"]["reason"] == "deciding by it loses 40.00 USD a day"
    assert "lanewise drift" in health["tender_failure"]["reason"]
    assert client.get("/readyz").status_code == 200
    assert "<td>alarm</td>" in client.get("/").text
    client.close()


def test_metrics_tell_health_and_cost() -> None:
    """One series a state, 1 for the one it is in; a cost where one was found."""
    client = Client(create_app(FakeBackend(health=ILL), ServeParams()))
    shown = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }
    states = {state: shown["lanewise_model_health", *sorted(("severity", state))] for state in Health}
    assert states == {"ok": 0, "alarm": 1, "unknown": 0}
    assert shown["lanewise_model_drift_cost_per_day", "severity"] == 40
    assert shown["lanewise_model_drift_cost_per_day", "eta_risk"] == 0.5
    client.close()


def test_home_says_what_is_running(client: Client) -> None:
    """Data set, models and where to read on."""
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for words in ("<strong>fake</strong>", "2014-01-01T00:00:00Z", "fake.severity", 'href="/docs"'):
        assert words in page.text


def test_home_escapes_what_it_shows() -> None:
    """A reason is text, not markup."""
    client = Client(create_app(FakeBackend(reasons=("<script>x</script>",)), ServeParams()))
    page = client.get("/").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    client.close()


def test_pages_load_nothing_from_elsewhere(client: Client) -> None:
    """No script, no picture, no address of another host: they work without a network."""
    for path in ("/", "/docs"):
        page = client.get(path)
        assert not any(words in page.text for words in ("<script", "http:", "https:", "src=", "<link"))
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
