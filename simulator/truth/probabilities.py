"""The true probabilities of a run: worked out, written beside the data set, and scored against what came about."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.stats import rankdata

from domain.codes import Severity
from simulator.network.noise import Floats
from simulator.network.world import World
from simulator.record.names import names
from simulator.record.text import constant, moments, numbers, one_of
from simulator.truth.beliefs import Beliefs
from simulator.truth.continuation import Chances
from simulator.truth.eta import DRAWS, STAGES, EtaTruth, eta_truth
from simulator.truth.past import Past
from simulator.truth.severity import SeverityTruth, severity_truth
from simulator.truth.surroundings import AsBelieved, Intake, Sample, afresh
from simulator.truth.tenders import TenderTruth, tender_truth

CLASSES = tuple(Severity)
LEAST_P = 1e-4
"""Probabilities are scored as if they were no nearer to 0 and 1 than this."""


@dataclass(frozen=True)
class Score:
    """Figures of one model's stage.

    Attributes
    ----------
    share
        Share of subjects for which it came about.
    auc_latent, auc_ideal
        Area under the ROC curve; NaN where all or none came about. Of severity: of major or worse.
    log_loss_latent, log_loss_ideal
        Mean of −ln p of what came about.
    """

    model: str
    stage: str
    subjects: int
    share: float
    auc_latent: float
    auc_ideal: float
    log_loss_latent: float
    log_loss_ideal: float

    def __str__(self) -> str:
        figures = f"AUC {self.auc_ideal:.3f} (latent {self.auc_latent:.3f})"
        losses = f"log loss {self.log_loss_ideal:.4f} (latent {self.log_loss_latent:.4f})"
        return f"{self.model} {self.stage}: {self.subjects:,} subjects, {self.share:.1%}, {figures}, {losses}"


@dataclass(frozen=True)
class Truth:
    """True probabilities of subjects of the three models."""

    world: World
    eta: EtaTruth
    tenders: TenderTruth
    severity: SeverityTruth

    def tables(self) -> dict[str, pa.Table]:
        """By model: subject_id, stage, as_of, ``p_latent`` and ``p_ideal`` with their Monte-Carlo standard errors.

        Severity has a column for each class, ``p_latent_minor`` to ``p_ideal_critical``; its probabilities are exact.
        """
        noise, clock, eta, tenders, severity = self.world.noise, self.world.clock, self.eta, self.tenders, self.severity
        return {
            "eta_risk": pa.table(
                {"subject_id": names(noise, "shipment", eta.key), "stage": one_of(STAGES, eta.stage),
                 "as_of": moments(clock, eta.as_of), **_columns(eta.latent, eta.ideal)}
            ),
            "tender_failure": pa.table(
                {"subject_id": names(noise, "tender", tenders.key, tenders.sequence),
                 "stage": constant("offer", len(tenders.key)), "as_of": moments(clock, tenders.as_of),
                 **_columns(tenders.latent, tenders.ideal)}
            ),
            "severity": pa.table(
                {"subject_id": names(noise, "exception", severity.key, severity.nth),
                 "stage": constant("raised", len(severity.key)), "as_of": moments(clock, severity.as_of),
                 **_by_class("p_latent", severity.latent), **_by_class("p_ideal", severity.ideal)}
            ),
        }  # fmt: skip

    def write(self, folder: Path) -> None:
        """Write ``<model>.parquet`` of each model into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for model, table in self.tables().items():
            pq.write_table(table, folder / f"{model}.parquet")

    def summary(self) -> list[Score]:
        """How well the probabilities foretold what came about, by model and stage."""
        eta, scores = self.eta, []
        for stage, name in enumerate(STAGES):
            some = eta.stage == stage
            scores.append(_score("eta_risk", name, eta.late[some], eta.latent.p[some], eta.ideal.p[some]))
        tenders, severity = self.tenders, self.severity
        scores.append(_score("tender_failure", "offer", tenders.failed, tenders.latent.p, tenders.ideal.p))
        return [*scores, _class_score(severity)]


def truth_of(past: Past, thresholds: tuple[float, ...], draws: int = DRAWS) -> Truth:
    """Work out the true probabilities of a run.

    Parameters
    ----------
    thresholds
        Of severity, in money.
    draws
        Replicas for each load and stage; a multiple of 32 for honest standard errors.
    """
    beliefs = Beliefs(past)
    sample = Sample(past, past.finished, past.finished.released_at)
    believed = AsBelieved(sample, beliefs, Intake.of(past), afresh(past.world).noise)
    return Truth(
        past.world,
        eta_truth(past, believed, draws),
        tender_truth(past, believed),
        severity_truth(past, beliefs, thresholds),
    )


def auc(came: NDArray[np.bool_], p: Floats) -> float:
    """Probability that a subject for which it came about ranks above one for which it did not (Mann-Whitney)."""
    yes = int(came.sum())
    no = len(came) - yes
    if not yes or not no:
        return float("nan")
    return float((rankdata(p)[came].sum() - yes * (yes + 1) / 2) / (yes * no))


def log_loss(came: NDArray[np.bool_], p: Floats) -> float:
    """Mean of −ln p of what came about; NaN without subjects."""
    inside = np.clip(p, LEAST_P, 1 - LEAST_P)
    return float(-np.log(np.where(came, inside, 1 - inside)).mean()) if len(p) else float("nan")


def _score(model: str, stage: str, came: NDArray[np.bool_], latent: Floats, ideal: Floats) -> Score:
    share = float(came.mean()) if len(came) else float("nan")
    losses = log_loss(came, latent), log_loss(came, ideal)
    return Score(model, stage, len(came), share, auc(came, latent), auc(came, ideal), *losses)


def _class_score(severity: SeverityTruth) -> Score:
    grave = severity.severity >= len(CLASSES) // 2
    latent, ideal = (p[:, len(CLASSES) // 2 :].sum(axis=1) for p in (severity.latent, severity.ideal))
    rows, sure = np.arange(len(grave)), np.ones(len(grave), dtype=bool)
    losses = [log_loss(sure, p[rows, severity.severity]) for p in (severity.latent, severity.ideal)]
    share = float(grave.mean()) if len(grave) else float("nan")
    return Score("severity", "raised", len(grave), share, auc(grave, latent), auc(grave, ideal), *losses)


def _columns(latent: Chances, ideal: Chances) -> dict[str, pa.Array]:
    named = {"p_latent": latent.p, "p_latent_se": latent.se, "p_ideal": ideal.p, "p_ideal_se": ideal.se}
    return {name: numbers(values) for name, values in named.items()}


def _by_class(prefix: str, p: Floats) -> dict[str, pa.Array]:
    return {f"{prefix}_{name}": numbers(p[:, column]) for column, name in enumerate(CLASSES)}
