"""Bodies of answers, and how they are read off what the backend says."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pydantic import Field

from decisions.plan import Option, Plan, PlanCase
from domain.ask import Arrival, Explanation, PredictionBatch, ServiceStatus, StoredPlan
from domain.health import NEVER_LOOKED, Health
from domain.predictions import ModelName
from serving.api.fields import Answer, Probability, Timestamp

if TYPE_CHECKING:  # it needs pandas, which a worker loads only after it answers
    from decisions.explain import Explanation as CaseExplanation


class AnsweringModel(Answer):
    """The model that answered, as the registry names it."""

    name: str = Field(examples=["flights.eta_risk"])
    version: str = Field(examples=["3"])


class ContributionAnswer(Answer):
    """How much one feature moved the margin."""

    feature: str
    value: str | float | bool | None = Field(description="What the feature was.")
    contribution: float


class ExplanationAnswer(Answer):
    """Steps that add up: base + all contributions = margin; margin + calibration = what is said."""

    of: str = Field(description="Which number is explained.", examples=["p_late"])
    unit: str = Field(description="Unit of every step.", examples=["log-odds"])
    base: float
    contributions: list[ContributionAnswer]
    margin: float
    calibration: float


class PredictionAnswer(Answer):
    """What is said about one subject."""

    subject_id: str
    stage: str = Field(description="Where in its life the subject stood.", examples=["release"])
    as_of: Timestamp
    explanation: ExplanationAnswer | None = Field(default=None, description="Only where contributions were asked for.")
    out_of_support: str | None = Field(
        default=None,
        description="Why the subject lies outside what the model was trained on; null where it does not.",
        examples=["carrier_id 'C999' was never seen in training"],
    )


class ArrivalAnswer(Answer):
    """When the shipment will have been delivered: the planned moment and the delay's quantiles, as moments."""

    planned_delivery_at: Timestamp
    eta_at: Timestamp = Field(description="As likely too late as too early: the plan and q50.")
    earliest_at: Timestamp = Field(description="One in ten arrives before: the plan and q10.")
    latest_at: Timestamp = Field(description="One in ten arrives after: the plan and q90.")
    remaining_min: float = Field(description="Minutes from as_of to eta_at.")


class EtaRisk(PredictionAnswer):
    """The delay's distribution; quantiles in minutes after the planned delivery, before it if negative."""

    p_late: Probability
    q05: float
    q10: float
    q25: float
    q50: float
    q75: float
    q90: float
    q95: float
    arrival: ArrivalAnswer | None = Field(description="Null where no delivery is planned.")


class TenderFailure(PredictionAnswer):
    """P(the offer is rejected, expires, or is countered)."""

    p_fail: Probability


class Severity(PredictionAnswer):
    """Probability of each class; the expected impact and an interval in the data set's unit (minutes or money)."""

    p_minor: Probability
    p_moderate: Probability
    p_major: Probability
    p_critical: Probability
    expected_impact: float
    q10: float = Field(description="One impact in ten is no larger.")
    q90: float = Field(description="Nine impacts in ten are no larger.")


class EtaRiskPredictions(Answer):
    """One prediction per shipment, in the order asked."""

    model: AnsweringModel
    predictions: list[EtaRisk]


class TenderFailurePredictions(Answer):
    """One prediction per offer, in the order asked."""

    model: AnsweringModel
    predictions: list[TenderFailure]


class SeverityPredictions(Answer):
    """One prediction per exception, in the order asked."""

    model: AnsweringModel
    predictions: list[Severity]


@dataclass(frozen=True)
class PlanDocument(Plan):
    """The plan, as `lanewise plan` writes it. Money is integer cents."""

    format: str


class PlanAnswer(Answer):
    """A joint plan and the id it is kept under."""

    id: str = Field(description="First 16 hex digits of the plan's fingerprint.", examples=["5f2c0a9be1d34477"])
    plan: PlanDocument


class CaseAnswer(Answer):
    """Why a case got its action, or why not another one."""

    case: PlanCase
    currency: str = Field(examples=["USD"])
    asked: Option | None = Field(description="The action that was asked about, where one was.")
    reasons: list[str] = Field(description="One sentence each.")
    text: str = Field(description="The explanation as lines for a person.")


class DataAnswer(Answer):
    """The data set that is served."""

    name: str = Field(examples=["flights"])
    cut_off: Timestamp | None = Field(description="After this moment nothing counts as known.")


class ModelAnswer(AnsweringModel):
    """A model in service."""

    model: ModelName


class ModelHealthAnswer(Answer):
    """Whether a model's outcomes bear it out, as `lanewise drift` last found."""

    state: Health
    reason: str = Field(description="Of an alarm, cost first; or why nothing is known.")
    since: Timestamp | None = Field(description="When the alarm was raised.")
    as_of: Timestamp | None = Field(description="Moment up to which outcomes were looked at.")
    cost_per_day: float | None = Field(description="Money a day that deciding by the model was found to lose.")


class WatchedModelAnswer(ModelAnswer):
    """A model in service, and its health."""

    health: ModelHealthAnswer


class SkippedAnswer(Answer):
    """A model that is not in service."""

    model: ModelName
    reason: str = Field(examples=["missing planned_delivery_at"])


class ModelsAnswer(Answer):
    """Models in service, and those that are not, each with the reason."""

    data: DataAnswer
    models: list[WatchedModelAnswer]
    skipped: list[SkippedAnswer]


class HealthAnswer(Answer):
    """The process is alive."""

    status: str = Field(examples=["alive"])


class ReadyAnswer(Answer):
    """Data and models are loaded."""

    status: str = Field(examples=["ready"])
    data: DataAnswer
    models: list[ModelAnswer]


def predictions_answer(batch: PredictionBatch) -> dict[str, Any]:
    """Put a batch in the words of the model's answer, which checks it when it is written."""
    said = [
        {
            "subject_id": one.subject_id,
            "stage": one.stage,
            "as_of": one.as_of,
            **one.values,
            **(_arrival(one.arrival) if batch.model is ModelName.ETA_RISK else {}),
            "explanation": _explanation(one.explanation),
            "out_of_support": one.out_of_support,
        }
        for one in batch.predictions
    ]
    return {"model": {"name": batch.name, "version": batch.version}, "predictions": said}


def _arrival(arrival: Arrival | None) -> dict[str, Any]:
    return {"arrival": None if arrival is None else vars(arrival)}


def _explanation(explanation: Explanation | None) -> dict[str, Any] | None:
    if explanation is None:
        return None
    steps = [vars(item) for item in explanation.contributions]
    return {**vars(explanation), "contributions": steps, "margin": explanation.margin}


def plan_answer(plan: StoredPlan) -> dict[str, Any]:
    """Put a plan in the words of :class:`PlanAnswer`."""
    return {"id": plan.plan_id, "plan": plan.document}


def case_answer(explanation: "CaseExplanation") -> dict[str, Any]:
    """Put an explanation in the words of :class:`CaseAnswer`."""
    said = {name: getattr(explanation, name) for name in ("currency", "reasons", "text")}
    asked = None if explanation.asked is None else asdict(explanation.asked)
    return {**said, "case": asdict(explanation.case), "asked": asked}


def data_answer(status: ServiceStatus) -> dict[str, Any]:
    """Put the data set in the words of :class:`DataAnswer`."""
    return {"name": status.data_name, "cut_off": status.cut_off}


def models_answer(status: ServiceStatus) -> list[dict[str, Any]]:
    """Put the models in the words of :class:`ModelAnswer`, in the catalogue's order."""
    served = status.models
    return [
        {"model": name, "name": served[name].name, "version": served[name].version}
        for name in ModelName
        if name in served
    ]


def watched_models_answer(status: ServiceStatus) -> list[dict[str, Any]]:
    """The same with each model's health, in the words of :class:`WatchedModelAnswer`."""
    return [{**one, "health": _health(status, one["model"])} for one in models_answer(status)]


def _health(status: ServiceStatus, model: ModelName) -> dict[str, Any]:
    said = asdict(status.health.get(model, NEVER_LOOKED))
    return {"state": said.pop("health"), **said}
