"""A house without models: answers are simple functions of what is asked, so a test can foresee them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from domain.ask import (
    Contribution,
    Explanation,
    Prediction,
    PredictionBatch,
    PredictionRequest,
    ServedModel,
    ServiceStatus,
    StoredPlan,
)
from domain.errors import BadPolicy, NotThere, WrongModel
from domain.predictions import ID_COLUMNS, PREDICTED_COLUMNS, ModelName

CUT_OFF = datetime(2014, 1, 1, tzinfo=UTC)
PLAN_ID = "0123456789abcdef"


@dataclass
class FakeBackend:
    """Knows the subjects S-1 to S-9 and one plan; ``missing`` models are not trained."""

    missing: Mapping[ModelName, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    asked: list[PredictionRequest] = field(default_factory=list)
    number: float = 0.25
    seconds: float = 0.0

    def status(self) -> ServiceStatus:
        served = {name: ServedModel(f"fake.{name}", "3") for name in ModelName if name not in self.missing}
        if self.reasons:
            return ServiceStatus(reasons=self.reasons)
        return ServiceStatus("fake", CUT_OFF, served, self.missing)

    def predict(self, model: ModelName, request: PredictionRequest) -> PredictionBatch:
        self.asked.append(request)
        time.sleep(self.seconds)
        ids = request.ids or tuple(row[ID_COLUMNS[model]] for row in request.subjects)
        if "defect" in ids:
            raise RuntimeError("a secret of the inside")
        if "foreign" in ids:
            raise WrongModel("flights.eta_risk was made for flights, not for fake")
        if unknown := [one for one in request.ids if not one.startswith("S-")]:
            raise NotThere(f"{ID_COLUMNS[model]} {unknown[0]!r} is not in data set fake")
        said = tuple(self._one(model, one, request) for one in ids)
        return PredictionBatch(model, f"fake.{model}", "3", said)

    def _one(self, model: ModelName, subject_id: str, request: PredictionRequest) -> Prediction:
        values = dict.fromkeys(PREDICTED_COLUMNS[model], self.number)
        steps = (Contribution("distance_km", 120.5, 0.5), Contribution("x_tail", None, -0.25))
        explanation = Explanation(PREDICTED_COLUMNS[model][0], "log-odds", -1.0, steps, 0.125)
        return Prediction(
            subject_id,
            "release",
            request.as_of or CUT_OFF,
            values,
            explanation if request.contributions else None,
        )

    def plan(self, as_of: datetime | None, policy: str | None) -> StoredPlan:
        if policy == "nonsense":
            raise BadPolicy("policy line 1: expected a rule")
        return self.plan_by_id(PLAN_ID)

    def plan_by_id(self, plan_id: str) -> StoredPlan:
        if plan_id != PLAN_ID:
            raise NotThere(f"plan {plan_id!r} is not in this home")
        return StoredPlan(PLAN_ID, {"as_of": "2014-01-01T00:00:00Z", "cases": [], "seed": 1})

    def explain(self, plan_id: str, case: str, action: str | None) -> Mapping[str, Any]:
        self.plan_by_id(plan_id)
        return {"case_id": case, "action": action or "notify", "cost_cents": 120}
