"""The health of a model in service: what deciding by it costs, whether outcomes bear it out, what has drifted."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.errors import NotThere
from domain.params import CostParams, DriftParams
from domain.predictions import ModelName
from models.shelf import registered_name
from store.current import in_service
from store.dataset import Dataset
from training.drift.calibration import judge
from training.drift.decision import decision_at
from training.drift.inputs import inputs_of
from training.drift.report import DriftReport
from training.drift.scores import scores_of
from training.drift.stakes import failure_costs
from training.drift.watched import Watched, watched


def health_of(
    dataset: Dataset,
    home: Path,
    name: ModelName,
    costs: CostParams,
    params: DriftParams,
    as_of: datetime | None = None,
) -> DriftReport:
    """Look at the champion with what was known by ``as_of``, by default the data set's cut-off.

    Parameters
    ----------
    costs
        In force: the manifest's, and the settings' where it says nothing.

    Raises
    ------
    LanewiseError
        If there is no champion, the moment lies after the cut-off, or no subject came since its training ended.
    """
    seen = watched(dataset, home, name, as_of)
    manifest, decision = dataset.manifest, decision_at(costs)
    stakes = _stakes(name, seen, costs, manifest.severity.thresholds)
    recent, days = seen.last(params.window_days), min(params.window_days, seen.days)
    now = seen.after.at(recent)
    return DriftReport(
        seen.used.name,
        seen.used.version,
        seen.what,
        manifest.title,
        manifest.currency,
        seen.begin,
        seen.until,
        len(seen.after.p),
        int(seen.judged.sum()),
        days,
        judge(seen, decision, stakes, params),
        inputs_of(seen.used.model, seen.before, now, decision, stakes[1][recent], days),
        scores_of(seen.before, now),
    )


def _stakes(
    name: ModelName, seen: Watched, costs: CostParams, thresholds: tuple[float, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Money that failures cost, of the subjects before and of those after."""
    before, after = (
        failure_costs(name, said.frame, seen.earlier, costs, thresholds) for said in (seen.before, seen.after)
    )
    return before, after


def looked_at(dataset: Dataset, home: Path, names: Sequence[ModelName]) -> tuple[ModelName, ...]:
    """The models to look at: those named, else every one in service.

    Raises
    ------
    NotThere
        If none is in service.
    """
    served = in_service(home)
    found = tuple(names) or tuple(name for name in ModelName if registered_name(dataset, name) in served)
    if not found:
        raise NotThere(
            f"no model of {dataset.manifest.name} is in service in {home}; run `lanewise train {dataset.folder}`"
        )
    return found
