"""How a route asks the house: off the event loop, a few at a time."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from domain.ask import ServiceStatus
from domain.predictions import ModelName
from serving.api.backend import Backend
from serving.api.problems import Refused

THREADS = 4
"""Questions one process works on at once; more would only take turns at the interpreter's lock."""
RETRY_AFTER_S = 2

P = ParamSpec("P")
T = TypeVar("T")


class House:
    """The backend as routes see it."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._predicting: CapacityLimiter | None = None
        self._planning: CapacityLimiter | None = None

    def status(self) -> ServiceStatus:
        """Say what is loaded."""
        return self.backend.status()

    def ready_status(self) -> ServiceStatus:
        """Say what is loaded, or refuse with 503 while that is not everything."""
        status = self.status()
        if not status.ready:
            detail = "the service is not ready: " + "; ".join(status.reasons)
            raise Refused(503, detail, headers={"Retry-After": str(RETRY_AFTER_S)})
        return status

    def check_served(self, model: ModelName) -> None:
        """Refuse with 409 a question to a model that is not in service, with the reason."""
        status = self.ready_status()
        if model not in status.models:
            why = status.skipped.get(model, "no version of it was trained")
            raise Refused(409, f"{model} is not in service for {status.data_name}: {why}")

    async def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Put a short question to the backend."""
        self._predicting = self._predicting or CapacityLimiter(THREADS)
        return await to_thread.run_sync(partial(question, *args, **kwargs), limiter=self._predicting)

    async def ask_long(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Put a question that takes seconds; one at a time, so that short ones keep their threads."""
        self._planning = self._planning or CapacityLimiter(1)
        return await to_thread.run_sync(partial(question, *args, **kwargs), limiter=self._planning)


async def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


HouseDep = Annotated[House, Depends(_house)]
