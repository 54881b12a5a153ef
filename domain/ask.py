"""What a door asks of the running house, and what it is told.

A request names its subjects by id or describes them inline; an answer carries the numbers of
:data:`domain.predictions.PREDICTED_COLUMNS` and, where asked for, how each came about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.health import ModelHealth
from domain.predictions import ModelName


@dataclass(frozen=True)
class PredictionRequest:
    """Subjects one model is asked about, either by id or inline, never both.

    Attributes
    ----------
    ids
        Shipments, tenders or exceptions of the data set (see :data:`domain.predictions.ID_COLUMNS`).
    subjects
        Rows of the model's canonical table, column → value; ``x_…`` columns travel along, times are aware UTC.
    as_of
        Moment whose knowledge is used (UTC); ``None`` = the data set's cut-off.
    contributions
        Whether each prediction is to be explained.
    """

    ids: tuple[str, ...] = ()
    subjects: tuple[Mapping[str, Any], ...] = ()
    as_of: datetime | None = None
    contributions: bool = False

    def __post_init__(self) -> None:
        if bool(self.ids) == bool(self.subjects):
            raise ValueError("a prediction is asked for by ids or by subjects: one of the two, not empty")


@dataclass(frozen=True)
class Contribution:
    """How much one feature moved the model's margin; ``value`` is what the feature was."""

    feature: str
    value: float | str | bool | None
    contribution: float


@dataclass(frozen=True)
class Explanation:
    """How one prediction came about, in steps that add up exactly.

    ``base`` + Σ ``contributions`` = :attr:`margin`, the model's raw output; ``calibration`` is one more
    step after it.

    Attributes
    ----------
    of
        Which number is explained: ``p_late``, ``p_fail``, ``expected_impact``, …
    unit
        Unit of base, contributions and calibration: ``log-odds``, ``min`` or ``money``.
    """

    of: str
    unit: str
    base: float
    contributions: tuple[Contribution, ...]
    calibration: float

    @property
    def margin(self) -> float:
        """The model's raw output, before calibration."""
        return self.base + sum(item.contribution for item in self.contributions)


@dataclass(frozen=True)
class Arrival:
    """When a shipment will have been delivered, as seen from the moment asked about; moments are UTC.

    Attributes
    ----------
    planned_delivery_at
        The plan that the delay is measured from.
    eta_at
        The new ETA: as likely too late as too early.
    earliest_at, latest_at
        Ends of the 10–90 % band: one in ten arrives before the first, one in ten after the second.
    remaining_min
        Minutes from the moment asked about to ``eta_at``.
    """

    planned_delivery_at: datetime
    eta_at: datetime
    earliest_at: datetime
    latest_at: datetime
    remaining_min: float


@dataclass(frozen=True)
class Prediction:
    """What a model says about one subject at one stage.

    Attributes
    ----------
    values
        Column → number, the columns of :data:`domain.predictions.PREDICTED_COLUMNS`: probabilities from 0
        to 1, delays in minutes, impact in the manifest's unit.
    arrival
        For ``eta_risk`` the same as moments; ``None`` where no delivery is planned.
    out_of_support
        Why the subject lies outside what the model was trained on; ``None`` where it does not.
    """

    subject_id: str
    stage: str
    as_of: datetime
    values: Mapping[str, float]
    explanation: Explanation | None = None
    arrival: Arrival | None = None
    out_of_support: str | None = None


@dataclass(frozen=True)
class PredictionBatch:
    """Answer to one request, a prediction per subject in the order asked.

    Attributes
    ----------
    name, version
        The model's name (``flights.eta_risk``) and version in the registry.
    """

    model: ModelName
    name: str
    version: str
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class StoredPlan:
    """A joint plan and the id it is found under: the first 16 hex digits of its fingerprint."""

    plan_id: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class ServedModel:
    """A model in service, as the registry names it."""

    name: str
    version: str


@dataclass(frozen=True)
class ServiceStatus:
    """What is running, and what is missing.

    Attributes
    ----------
    data_name, cut_off
        Name of the data set and the moment (UTC) after which nothing counts as known; ``None`` until loaded.
    models
        The models in service.
    skipped
        Models that are not in service, each with the reason ("missing planned_delivery_at").
    reasons
        Why the service is not ready; empty = ready.
    health
        Of each model in service, as it was last looked at; never a reason for not being ready.
    """

    data_name: str | None = None
    cut_off: datetime | None = None
    models: Mapping[ModelName, ServedModel] = field(default_factory=dict)
    skipped: Mapping[ModelName, str] = field(default_factory=dict)
    reasons: Sequence[str] = ()
    health: Mapping[ModelName, ModelHealth] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether data and models are loaded."""
        return not self.reasons
