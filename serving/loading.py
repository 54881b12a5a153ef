"""Loading data and models behind a service that already answers."""

import gc
import logging
from collections.abc import Callable
from datetime import datetime
from threading import Thread
from typing import TYPE_CHECKING

from domain.ask import PredictionBatch, PredictionRequest, ServiceStatus, StoredPlan
from domain.errors import LanewiseError
from domain.predictions import ModelName
from serving.api.backend import Backend

if TYPE_CHECKING:
    from decisions.explain import Explanation

logger = logging.getLogger(__name__)


class NotLoaded(LanewiseError):
    """Data and models are not loaded (yet)."""


class LoadingBackend:
    """A backend that is opened on a thread of its own; until then it says that it is not ready.

    Parameters
    ----------
    open_backend
        Loads everything and returns the backend proper. What it raises becomes the reason for not
        being ready.
    """

    def __init__(self, open_backend: Callable[[], Backend]) -> None:
        self._open = open_backend
        self._opened: Backend | None = None
        self._reason = "data and models are being loaded"

    def start(self) -> Thread:
        """Begin to load; the thread ends when everything is loaded or has failed."""
        thread = Thread(target=self._load, name="loading", daemon=True)
        thread.start()
        return thread

    def _load(self) -> None:
        try:
            opened = self._open()
        except LanewiseError as error:
            self._reason = str(error)
            logger.error("cannot serve: %s", error)
        except Exception:
            self._reason = "loading failed; the log of the service says why"
            logger.exception("defect while loading")
        else:
            keep_from_the_collector()
            self._opened = opened

    def _loaded(self) -> Backend:
        if self._opened is None:
            raise NotLoaded(self._reason)
        return self._opened

    def status(self) -> ServiceStatus:
        """Say what is loaded; before that, why not."""
        opened = self._opened
        return ServiceStatus(reasons=(self._reason,)) if opened is None else opened.status()

    def predict(self, model: ModelName, request: PredictionRequest) -> PredictionBatch:
        """Score subjects."""
        return self._loaded().predict(model, request)

    def plan(self, as_of: datetime | None, policy: str | None) -> StoredPlan:
        """Make and keep a joint plan."""
        return self._loaded().plan(as_of, policy)

    def plan_by_id(self, plan_id: str) -> StoredPlan:
        """Return a kept plan."""
        return self._loaded().plan_by_id(plan_id)

    def explain(self, plan_id: str, case: str, action: str | None) -> "Explanation":
        """Say why a case got its action."""
        return self._loaded().explain(plan_id, case, action)


def keep_from_the_collector() -> None:
    """What is loaded stays: without this every full collection walks it, and a request waits 200 ms."""
    gc.collect()
    gc.freeze()
