"""Health of models in Prometheus' text format: read when asked, so that no process remembers an old one."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from domain.ask import ServiceStatus
from domain.health import Health


def health_metrics(status: ServiceStatus) -> bytes:
    """For each model in service one series a state, 1 for the one it is in; and what it was found to cost."""
    registry = CollectorRegistry()
    registry.register(_HealthCollector(status))
    return generate_latest(registry)


class _HealthCollector(Collector):
    """Two families, made from a status."""

    def __init__(self, status: ServiceStatus) -> None:
        self._health = dict(status.health)

    def collect(self) -> Iterator[Metric]:
        """A state is a label, as in an OpenMetrics state set."""
        states = GaugeMetricFamily(
            "lanewise_model_health", "Health of a model, as it was last looked at.", labels=("model", "state")
        )
        costs = GaugeMetricFamily(
            "lanewise_model_drift_cost_per_day",
            "Money a day that deciding by the model was found to lose.",
            labels=("model",),
        )
        for model, found in self._health.items():
            for state in Health:
                states.add_metric((model, state), float(found.health is state))
            if found.cost_per_day is not None:
                costs.add_metric((model,), found.cost_per_day)
        yield states
        yield costs
