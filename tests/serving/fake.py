"""A house without models: answers are simple functions of what is asked, so a test can foresee them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from decisions.plan import (
    ApprovalNeeded,
    Certificate,
    DataUsed,
    Deferred,
    Limit,
    ModelUsed,
    Option,
    Plan,
    PlanCase,
    PolicyUsed,
    Ruling,
    Summary,
)
from domain.ask import (
    Arrival,
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
from domain.health import ModelHealth
from domain.predictions import ID_COLUMNS, PREDICTED_COLUMNS, ModelName
from optimization.assumptions import Assumption

if TYPE_CHECKING:
    from decisions.explain import Explanation as CaseExplanation

CUT_OFF = datetime(2014, 1, 1, tzinfo=UTC)
PLAN_ID = "0123456789abcdef"

RULING = Ruling("approve", "require", "recommend", ("default",), (ApprovalNeeded("planner", 1, 60, "lead", 5),))
OPTION = Option(
    "expedite", "expedite", "C1", 1200, 1000, 100, 100, 0, 0.1, -5.0, "model", {"budget": 1000}, RULING, True, ()
)
CASE = PlanCase("S-1", "shipment", {"stage": "release"}, 9900, 8700, "expedite", 1.0, Deferred("x", 5), (OPTION,))
PLAN = Plan(
    "2014-01-01T00:00:00Z",
    DataUsed("fake", "USD", "f" * 64),
    {"eta_risk": ModelUsed("fake.eta_risk", "3", "a" * 64, "2013-09-01T00:00:00Z")},
    PolicyUsed("[default]", "b" * 64),
    {"plan": {"min_saving": 1.0}},
    (Assumption("notify_relief", 0.15, "share", "of the failure cost", "judgement", "2026-11"),),
    1,
    "0",
    Certificate(1200, 1200, 0.0, 0.0, True, 1, "c" * 64, "d" * 64, "highs", True),
    Summary(1, 9900, 1200, {"expedite": 1}, {"approve": 1}, 0, {}),
    (Limit("budget", "cents", 5000, 1000),),
    (CASE,),
)


ARRIVAL = Arrival(
    datetime(2014, 1, 1, 8, tzinfo=UTC),
    datetime(2014, 1, 1, 8, 20, tzinfo=UTC),
    datetime(2014, 1, 1, 7, 55, tzinfo=UTC),
    datetime(2014, 1, 1, 10, 0, 30, tzinfo=UTC),
    500.0,
)


@dataclass
class FakeBackend:
    """Knows the subjects S-1 to S-9, of which S-9 has no plan, and one plan; ``missing`` models are not trained."""

    missing: Mapping[ModelName, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    asked: list[PredictionRequest] = field(default_factory=list)
    number: float = 0.25
    seconds: float = 0.0
    health: Mapping[ModelName, ModelHealth] = field(default_factory=dict)

    def status(self) -> ServiceStatus:
        served = {name: ServedModel(f"fake.{name}", "3") for name in ModelName if name not in self.missing}
        if self.reasons:
            return ServiceStatus(reasons=self.reasons)
        return ServiceStatus("fake", CUT_OFF, served, self.missing, health=self.health)

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
            ARRIVAL if model is ModelName.ETA_RISK and subject_id != "S-9" else None,
        )

    def plan(self, as_of: datetime | None, policy: str | None) -> StoredPlan:
        if policy == "nonsense":
            raise BadPolicy("policy line 1: expected a rule")
        return self.plan_by_id(PLAN_ID)

    def plan_by_id(self, plan_id: str) -> StoredPlan:
        if plan_id != PLAN_ID:
            raise NotThere(f"plan {plan_id!r} is not in this home")
        from decisions.plan_file import plan_document

        return StoredPlan(PLAN_ID, plan_document(PLAN))

    def explain(self, plan_id: str, case: str, action: str | None) -> "CaseExplanation":
        from decisions.explain import Explanation as CaseExplanation

        self.plan_by_id(plan_id)
        known = replace(PLAN.cases[0], case_id=case)
        return CaseExplanation(known, "USD", known.option(action) if action else None, ("It is cheapest.",))
