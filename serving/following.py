"""A service that runs follows what is in service in its home, without a new start and without a pause."""

import logging
from collections.abc import Callable, Hashable
from datetime import datetime
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol, Self

from domain.ask import PredictionBatch, PredictionRequest, ServiceStatus, StoredPlan
from domain.predictions import ModelName
from serving.api.backend import Backend
from serving.loading import keep_from_the_collector

if TYPE_CHECKING:
    from decisions.explain import Explanation

logger = logging.getLogger(__name__)


class Renewable(Backend, Protocol):
    """A backend that can be had again with what is in service by now."""

    def renewed(self) -> Self:
        """The same over the models that are in service now."""
        ...


class FollowingBackend:
    """Answers by what is in service: each question looks whether that has changed, and a thread then loads it.

    Until it has, and where it cannot, what was loaded goes on answering. One state answers the whole of a question.

    Parameters
    ----------
    open_house
        Loads what is in service.
    mark
        What is another whenever other models may be in service; is looked at by each question, so it must be cheap.
    """

    def __init__(self, open_house: Callable[[], Renewable], mark: Callable[[], Hashable]) -> None:
        self._mark = mark
        # Taken before anything is read: what changes meanwhile is seen by the first question.
        self._seen = mark()
        self._house = open_house()
        self._renewing = Lock()

    def _now(self) -> Renewable:
        if self._mark() != self._seen and self._renewing.acquire(blocking=False):
            Thread(target=self._renew, name="renewing", daemon=True).start()
        return self._house

    def _renew(self) -> None:
        mark = self._mark()
        try:
            self._house = self._house.renewed()
            keep_from_the_collector()
            logger.info("what is in service has changed, and is served now")
        except Exception:
            logger.exception("what is in service has changed, but cannot be loaded; what was loaded goes on answering")
        finally:
            self._seen = mark
            self._renewing.release()

    def status(self) -> ServiceStatus:
        """Say what is loaded, and what is missing."""
        return self._now().status()

    def predict(self, model: ModelName, request: PredictionRequest) -> PredictionBatch:
        """Score subjects."""
        return self._now().predict(model, request)

    def plan(self, as_of: datetime | None, policy: str | None) -> StoredPlan:
        """Make and keep a joint plan."""
        return self._now().plan(as_of, policy)

    def plan_by_id(self, plan_id: str) -> StoredPlan:
        """Return a kept plan."""
        return self._now().plan_by_id(plan_id)

    def explain(self, plan_id: str, case: str, action: str | None) -> "Explanation":
        """Say why a case got its action."""
        return self._now().explain(plan_id, case, action)
