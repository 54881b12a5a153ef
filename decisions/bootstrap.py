"""The composition root: builds the running house from a home's folder, its settings and a data set."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from decisions.explain import Explanation, explain
from decisions.plan import ModelUsed
from decisions.plan_desk import last_desk
from decisions.plan_file import plan_document, plan_fingerprint, read_plan, write_plan
from decisions.planner import Made, Provenance, make_plan
from decisions.predicting import Predictor
from decisions.pricing import costs_in_force
from decisions.scoring import HomeScoring
from decisions.waterfall import NOTICE_H, LoadWaterfall, load_waterfall
from domain.ask import PredictionBatch, PredictionRequest, ServedModel, ServiceStatus, StoredPlan
from domain.errors import LanewiseError, NotThere
from domain.moment import format_moment
from domain.params import Settings
from domain.predictions import ModelName
from features.frame import FeatureFrames
from governance.policy import Policy, load_policy, read_policy
from models.shelf import OnShelf, take_all
from store.code_version import code_version
from store.current import disagreements
from store.dataset import Dataset, open_dataset
from store.health import read_health
from store.tracking import tracking_uri

logger = logging.getLogger(__name__)
PLAN_ID = re.compile(r"[0-9a-f]{16}")


def open_home(home: Path, settings: Settings, data: Path) -> "Lanewise":
    """Load a data set and its champions.

    Raises
    ------
    NotThere, BadManifest
        If the data set is not there or damaged.
    """
    dataset = open_dataset(data)
    shelf, missing = take_all(home, dataset)
    return Lanewise(home, settings, FeatureFrames(dataset), shelf, missing)


def home_policy(home: Path) -> Policy:
    """The home's ``policy.toml``, or the one that comes with the package."""
    file = home / "policy.toml"
    return load_policy(file if file.exists() else None)


class Lanewise:
    """The running house over one data set: what the doors ask."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        frames: FeatureFrames,
        shelf: Mapping[ModelName, OnShelf],
        missing: Mapping[ModelName, str],
    ) -> None:
        self._home = home
        self._settings = settings
        self._frames = frames
        self._shelf = shelf
        self._status = _status(home, settings, frames.dataset, shelf, missing)
        self._predictors = {
            name: Predictor(FeatureFrames(one.asked_of(frames.dataset)), name, one.model) for name, one in shelf.items()
        }

    def renewed(self) -> "Lanewise":
        """The same house over the models that are in service now.

        One that cannot be taken, as when it was promoted by code of other feature definitions, leaves the one that was
        there: it goes on answering, under its own version.
        """
        shelf, missing = take_all(self._home, self._frames.dataset)
        kept = {name: one for name, one in self._shelf.items() if name in missing}
        for name, one in kept.items():
            logger.error("%s %s goes on answering: %s", one.name, one.version, missing.pop(name))
        return Lanewise(self._home, self._settings, self._frames, shelf | kept, missing)

    def status(self) -> ServiceStatus:
        """What is loaded, what is missing, and how healthy the models were when they were last looked at."""
        health = {name: read_health(self._home, one.name, one.version) for name, one in self._shelf.items()}
        return replace(self._status, health=health)

    def predict(self, model: ModelName, request: PredictionRequest) -> PredictionBatch:
        """Score subjects, one prediction each, in the order asked."""
        if model not in self._shelf:
            raise NotThere(self._status.skipped[model])
        used = self._shelf[model]
        return PredictionBatch(model, used.name, used.version, self._predictors[model].predict(request))

    def make_plan(self, as_of: datetime | None, policy: Policy | None = None) -> Made:
        """Make a joint plan of a moment, by default the data set's cut-off.

        Raises
        ------
        LanewiseError
            If the moment lies after the cut-off.
        """
        dataset = self._frames.dataset
        return make_plan(
            dataset,
            HomeScoring(self._frames, self._shelf),
            self._moment("plan", as_of),
            policy or home_policy(self._home),
            self._settings.plan,
            self._settings.costs,
            self._provenance(),
        )

    def waterfall(
        self,
        shipment_id: str,
        as_of: datetime | None = None,
        carriers: Sequence[str] = (),
        spot: float | None = None,
        notice_h: float = NOTICE_H,
    ) -> LoadWaterfall:
        """The best way down the carriers of a load, by default as of the data set's cut-off.

        See :func:`decisions.waterfall.load_waterfall`.

        Raises
        ------
        NotThere
            If no tender model is in service.
        """
        if ModelName.TENDER_FAILURE not in self._shelf:
            raise NotThere(self._status.skipped[ModelName.TENDER_FAILURE])
        model = self._shelf[ModelName.TENDER_FAILURE].model
        costs = costs_in_force(self._frames.dataset.manifest.costs, self._settings.costs)
        moment = self._moment("waterfall", as_of)
        return load_waterfall(self._frames, model, shipment_id, moment, costs, carriers, spot, notice_h)

    def _moment(self, what: str, as_of: datetime | None) -> datetime:
        """The moment asked about, by default the cut-off."""
        manifest = self._frames.dataset.manifest
        assert manifest.cut_off is not None, "an opened data set has a cut-off"
        if as_of is not None and as_of > manifest.cut_off:
            raise LanewiseError(
                f"a {what} as of {format_moment(as_of)} was asked for, but {manifest.name} knows nothing after "
                f"its cut-off {format_moment(manifest.cut_off)}; give an earlier moment, or import newer data"
            )
        return as_of or manifest.cut_off

    def plan(self, as_of: datetime | None, policy: str | None) -> StoredPlan:
        """Make and keep a joint plan."""
        made = self.make_plan(as_of, None if policy is None else read_policy(policy))
        plan_id = plan_fingerprint(made.plan)[:16]
        folder = self._home / "var" / "plans"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{plan_id}.json"
        if not file.exists():
            write_plan(made.plan, made.problem, file)
        return StoredPlan(plan_id, plan_document(made.plan))

    def plan_by_id(self, plan_id: str) -> StoredPlan:
        """A kept plan."""
        return StoredPlan(plan_id, plan_document(read_plan(self._plan_file(plan_id))))

    def explain(self, plan_id: str, case: str, action: str | None) -> Explanation:
        """Why a case of a kept plan got its action, or why not another one."""
        plan, desk = last_desk(self._plan_file(plan_id))
        return explain(plan, case, action, desk)

    def _plan_file(self, plan_id: str) -> Path:
        file = self._home / "var" / "plans" / f"{plan_id}.json"
        if not PLAN_ID.fullmatch(plan_id) or not file.is_file():
            raise NotThere(f"there is no plan {plan_id!r}")
        return file

    def _provenance(self) -> Provenance:
        used = {
            str(name): ModelUsed(one.name, one.version, one.sha256, one.provenance.trained_until)
            for name, one in self._shelf.items()
        }
        return Provenance(used, code_version())


def _status(
    home: Path,
    settings: Settings,
    dataset: Dataset,
    shelf: Mapping[ModelName, OnShelf],
    missing: Mapping[ModelName, str],
) -> ServiceStatus:
    reasons = [] if shelf else ["no model is in service: " + "; ".join(missing.values())]
    reasons += disagreements(home, tracking_uri(home, settings.mlflow))
    models = {name: ServedModel(one.name, one.version) for name, one in shelf.items()}
    return ServiceStatus(dataset.manifest.name, dataset.manifest.cut_off, models, dict(missing), reasons)
