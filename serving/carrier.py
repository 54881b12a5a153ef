"""BentoML as the carrier of the one ASGI application.

BentoML starts and supervises the workers; the application answers every request itself. BentoML's own
routes and layers would answer ``/readyz`` without a reason and take four fifths of a small request's
time in tracing, access log and metrics. ``service_class`` and ``to_asgi`` are not in BentoML's
documentation: the version is pinned, and ``tests/serving/test_carrier.py`` holds it to what is used here.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send

from decisions.settings import load_settings
from domain.params import ServeParams
from serving.api.backend import Backend
from serving.loading import LoadingBackend
from serving.orphans import end_with_parent

CONFIG: dict[str, Any] = {
    # The number of workers is given by whoever starts the service (BENTOML_CONFIG_OPTIONS).
    "workers": 1,
    "metrics": {"enabled": False},
    "logging": {"access": {"enabled": False}},
    "monitoring": {"enabled": False},
}
"""Arguments of the decorator: everything of BentoML's that costs and that the application does itself."""


class Front:
    """Requests go to the application, the life of the process to BentoML."""

    def __init__(self, app: ASGIApp, bento: ASGIApp) -> None:
        self.app, self.bento = app, bento

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one ASGI event on."""
        await (self.app if scope["type"] == "http" else self.bento)(scope, receive, send)


class AppService(bentoml.Service):  # type: ignore[misc]  # BentoML is not typed here
    """A BentoML service whose class names the backend it opens: ``inner.backend``."""

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """Build what a worker serves."""
        # Here, because the supervisor imports this module too and builds no application.
        from serving.api.app import create_app

        app = create_app(self.inner.backend, _serve_params())
        self.mount_asgi_app(app, path="/")  # the documented way, should BentoML ever pass requests itself
        return Front(app, super().to_asgi(is_main))


def carried(open_backend: Callable[[], Backend], name: str = "lanewise") -> AppService:
    """Make the BentoML service over a backend, which each worker opens for itself."""

    class Lanewise:
        """Predictions and plans for freight dispatch."""

        backend = LoadingBackend(open_backend)

        def __init__(self) -> None:
            end_with_parent()
            self.backend.start()

    decorator = bentoml.service(name=name, service_class=AppService, **CONFIG)
    service: AppService = decorator(Lanewise)
    return service


def home_of(environment: dict[str, str] | os._Environ[str]) -> Path:
    """The home a worker serves: ``LANEWISE_HOME``, or the folder it was started in."""
    return Path(environment.get("LANEWISE_HOME", "."))


def _serve_params() -> ServeParams:
    return load_settings(home_of(os.environ), os.environ).settings.serve
