"""Trained models beside the ideal forecaster: the same later subjects, the same outcomes, AUC and log loss of both.

``python -m benchmarks.against_the_ideal FOLDER`` simulates, trains and predicts in FOLDER, and prints Markdown.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.freight_tables import freight_tables
from simulator.network.params import MarketKind, SimulationParams
from simulator.simulate import THRESHOLDS, TRUTH, simulate
from simulator.truth.eta import STAGES

PARAMS = SimulationParams(40_000, 365, 20266, MarketKind.TURNING, truth_sample=8_000)
TEST_FROM = "2024-10-15T00:00:00Z"
LEAST_P = 1e-4
LEAST_SUBJECTS = 100


@dataclass(frozen=True)
class Question:
    """A model's yes-or-no question.

    Attributes
    ----------
    outcomes
        SQL for ``subject_id, came`` over :func:`benchmarks.freight_tables.freight_tables`.
    said, true
        SQL for the probability in a prediction, and in the truth.
    """

    model: str
    outcomes: str
    said: str
    true: str


QUESTIONS = (
    Question(
        "eta_risk",
        "SELECT shipment_id AS subject_id, late AS came FROM reached WHERE delivered_at IS NOT NULL",
        "p_late",
        "p_ideal",
    ),
    Question("tender_failure", "SELECT tender_id AS subject_id, NOT accepted AS came FROM offers", "p_fail", "p_ideal"),
    Question(
        "severity",
        f"SELECT exception_id AS subject_id, impact > {THRESHOLDS[1]} AS came FROM exceptions WHERE impact IS NOT NULL",
        "p_major + p_critical",
        "p_ideal_major + p_ideal_critical",
    ),
)


def against_the_ideal(folder: Path) -> Iterator[str]:
    """The table, model by model and stage by stage."""
    data_folder = simulate(PARAMS, folder / "ideal").dataset.folder
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    _lanewise(home, "train", str(data_folder), "--test-from", TEST_FROM)
    data = freight_tables(data_folder)
    yield f"### Models beside the ideal forecaster, simulated: {PARAMS.shipments:,} shipments, seed {PARAMS.seed}\n"
    yield f"Trained on what was known before {TEST_FROM[:10]}, asked of a sample of later subjects.\n"
    yield "| prediction | stage | subjects | share | AUC model | AUC ideal | log loss model | log loss ideal |"
    yield "|---|---|---|---|---|---|---|---|"
    for question in QUESTIONS:
        every = _asked(data, data_folder, home, question)
        for stage in (*STAGES, "offer", "raised"):
            asked = every[every["stage"] == stage]
            if len(asked) >= LEAST_SUBJECTS and asked["came"].nunique() == 2:
                yield _row(question.model, stage, asked)


def _asked(data: duckdb.DuckDBPyConnection, folder: Path, home: Path, question: Question) -> pd.DataFrame:
    """Subjects of the sample with the model's probability, the ideal one, and what came."""
    out = home / f"{question.model}.parquet"
    _lanewise(home, "predict", str(folder), "--model", question.model, "--from", TEST_FROM, "--out", str(out))
    truth = folder / TRUTH / f"{question.model}.parquet"
    return data.execute(
        f"""
        SELECT stage, came, {question.said} AS said, {question.true} AS ideal
        FROM read_parquet(?) AS s JOIN read_parquet(?) AS t USING (subject_id, stage) JOIN ({question.outcomes})
        USING (subject_id) ORDER BY stage, subject_id
        """,
        [str(out), str(truth)],
    ).df()


def _row(model: str, stage: str, asked: pd.DataFrame) -> str:
    came = asked["came"].astype(bool)
    sure = {name: asked[name].clip(LEAST_P, 1 - LEAST_P) for name in ("said", "ideal")}
    aucs = " | ".join(f"{roc_auc_score(came, p):.3f}" for p in sure.values())
    losses = " | ".join(f"{log_loss(came, p):.4f}" for p in sure.values())
    return f"| {model} | {stage} | {len(asked):,} | {came.mean():.3f} | {aucs} | {losses} |"


def _lanewise(home: Path, *arguments: str) -> None:
    """Run the command line as a user does, quietly."""
    command = [str(Path(sys.executable).with_name("lanewise")), *arguments, "--home", str(home)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    for line in against_the_ideal(Path(sys.argv[1])):
        print(line, flush=True)
