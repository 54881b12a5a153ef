"""What the HTTP door asks of the house behind it."""

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from domain.ask import PredictionBatch, PredictionRequest, ServiceStatus, StoredPlan
from domain.predictions import ModelName

if TYPE_CHECKING:  # it needs pandas, which a worker loads only after it answers
    from decisions.explain import Explanation


class Backend(Protocol):
    """Everything a route can ask; built by the composition root, or by a test.

    Methods are called from worker threads, several at once, except ``status``, which is called
    on the event loop and must answer at once. What the caller can mend is raised as a
    :class:`domain.errors.LanewiseError`.
    """

    def status(self) -> ServiceStatus:
        """Say what is loaded, and what is missing."""
        ...

    def predict(self, model: ModelName, request: PredictionRequest) -> PredictionBatch:
        """Score subjects, one prediction each, in the order asked.

        Raises
        ------
        NotThere
            If an id is not in the data set.
        WrongModel
            If the model was made for other data.
        """
        ...

    def plan(self, as_of: datetime | None, policy: str | None) -> StoredPlan:
        """Make and keep a joint plan.

        Parameters
        ----------
        as_of
            Moment to plan for (UTC); ``None`` = the data set's cut-off.
        policy
            Text of a ``policy.toml``; ``None`` = the home's own.

        Raises
        ------
        BadPolicy
            If the text is no valid policy.
        """
        ...

    def plan_by_id(self, plan_id: str) -> StoredPlan:
        """Return a kept plan; raises ``NotThere``."""
        ...

    def explain(self, plan_id: str, case: str, action: str | None) -> "Explanation":
        """Say why a case got its action, or why not another one; raises ``NotThere``."""
        ...
