"""The truth about probabilities agrees with what came about, and no forecaster on the same record does better."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.metrics import roc_auc_score

from domain.predictions import ModelName
from features.subjects import all_subjects
from simulator.flow.promises import LATE_AFTER_MIN, delay_min
from simulator.flow.tendering import ACCEPTED, EXPIRED, REJECTED
from simulator.network.noise import Floats
from simulator.network.params import SimulationParams
from simulator.simulate import simulate
from simulator.truth.eta import STAGES, chances
from simulator.truth.hearing import ByReport, BySight
from simulator.truth.probabilities import LEAST_P, auc, log_loss, truth_of
from simulator.truth.surroundings import AsItIs
from simulator.truth.tenders import chosen, tender_truth
from tests.simulator.witnessed import THRESHOLDS, believed, past, truth, watched

SMALL = SimulationParams(shipments=1_500, days=60, seed=23, truth_sample=150)
FIGURES = [*STAGES, "offer"]


def figures(stage: str) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """What came about, and what was foretold with and without knowledge of hidden things."""
    if stage == "offer":
        return truth().tenders.failed, truth().tenders.latent.p, truth().tenders.ideal.p
    some = truth().eta.stage == STAGES.index(stage)
    return truth().eta.late[some], truth().eta.latent.p[some], truth().eta.ideal.p[some]


def deviations(came: NDArray[np.bool_], p: Floats, bins: int) -> Floats:
    """Came about less foretold, in standard errors, by bins of what was foretold."""
    p = np.clip(p, LEAST_P, 1 - LEAST_P)
    groups = np.array_split(np.argsort(p, kind="stable"), bins)
    return np.array([(came[g] - p[g]).sum() / np.sqrt((p[g] * (1 - p[g])).sum()) for g in groups])


@pytest.mark.parametrize("stage", FIGURES)
@pytest.mark.parametrize("forecaster", [0, 1], ids=["latent", "ideal"])
def test_what_is_foretold_comes_about_as_often(stage: str, forecaster: int) -> None:
    """Over all, and bin by bin, outcomes stray from true probabilities as chance alone would have it."""
    came, p = figures(stage)[0], figures(stage)[1 + forecaster]
    assert abs(deviations(came, p, 1)[0]) < 3.5
    assert (deviations(came, p, 8) ** 2).sum() < 27.9, deviations(came, p, 8)  # 1 in 2,000 for 8 degrees of freedom


def test_a_forecast_that_leans_fails_the_same_check() -> None:
    """The check bites: probabilities a little too bold, or for another stage's record, are found out."""
    came, _, p = figures("release")
    bold = 1 / (1 + np.exp(-1.5 * np.log(p / (1 - p))))
    assert (deviations(came, bold, 8) ** 2).sum() > 27.9
    assert (deviations(came, np.roll(p, 1), 8) ** 2).sum() > 27.9


@pytest.mark.parametrize("stage", FIGURES)
def test_who_sees_what_is_hidden_foretells_no_worse(stage: str) -> None:
    """Knowing more never costs log loss, beyond chance; and tells tenders apart by far better."""
    came, latent, ideal = figures(stage)
    clipped = [np.clip(np.where(came, p, 1 - p), LEAST_P, 1) for p in (latent, ideal)]
    gain = np.log(clipped[0]) - np.log(clipped[1])
    assert gain.mean() > -2.0 * gain.std() / np.sqrt(len(gain))
    if stage == "offer":
        assert gain.mean() > 3.0 * gain.std() / np.sqrt(len(gain))


def test_the_ideal_forecast_sharpens_on_the_way() -> None:
    """From release to the customer's gate, stage by stage (among the same loads)."""
    eta = truth().eta
    everywhere = [set(eta.key[eta.stage == stage]) for stage in range(len(STAGES))]
    common = np.array(sorted(set.intersection(*everywhere)))
    losses = []
    for stage in range(len(STAGES)):
        some = (eta.stage == stage) & np.isin(eta.key, common)
        losses.append(log_loss(eta.late[some], eta.ideal.p[some]))
    assert np.all(np.diff(losses) < 0.004), losses
    assert losses[-1] < 0.8 * losses[0], losses


@pytest.mark.parametrize("stage", FIGURES)
def test_no_model_fitted_on_the_record_beats_the_ideal_forecaster(stage: str) -> None:
    """Boosted trees on half the subjects lose to the ideal forecaster on the other half."""
    came, _, ideal = figures(stage)
    seen = features(stage)
    train = np.arange(len(came)) % 2 == 0
    model = HistGradientBoostingClassifier(max_iter=60, learning_rate=0.08, max_leaf_nodes=8, random_state=0)
    guessed = model.fit(seen[train], came[train]).predict_proba(seen[~train])[:, 1]
    assert log_loss(came[~train], ideal[~train]) < log_loss(came[~train], guessed)
    assert auc(came[~train], ideal[~train]) > auc(came[~train], guessed) - 0.005


def features(stage: str) -> Floats:
    """What is on record of each subject, as a simple model would take it."""
    lanes, carriers = past().world.lanes, past().world.carriers
    if stage == "offer":
        offers = past().offers
        row = np.searchsorted(offers.key, truth().tenders.key) + truth().tenders.sequence - 1
        lane, fair = offers.lane[row], offers.price[row] / lanes.km[offers.lane[row]]
        lead = offers.ready_at[row] - offers.offered_at[row]
        return np.column_stack(
            [lead, fair, offers.sequence[row], offers.contract[row], lanes.equipment[lane], lanes.hard[lane],
             offers.offered_at[row], carriers.willing[offers.carrier[row]]]
        )  # fmt: skip
    some = truth().eta.stage == STAGES.index(stage)
    loads = past().finished[np.searchsorted(past().finished.key, truth().eta.key[some])]
    lane, reached = loads.lane, STAGES.index(stage)
    since = [loads.arrived_at, loads.departed_at, loads.halfway_at, loads.reached_at][: max(0, reached - 1)]
    known = [loads.window_until - loads.pickup_at, lanes.km[lane], lanes.equipment[lane], lanes.mode[lane]]
    known += [past().world.customers.slow[lanes.customer[lane]], loads.released_at, loads.pickup_at - loads.released_at]
    return np.column_stack([*known, *(loads.window_until - moment for moment in since)])


def test_standard_errors_are_as_large_as_the_errors_and_shrink_with_the_root_of_the_draws() -> None:
    """Against 2,048 replicas, 64 and 256 are off by their standard errors, of which the second is half the first."""
    loads = past().finished[np.arange(150)]
    few, more, many = (chances(past(), loads, loads.released_at, ByReport(), believed(), d) for d in (64, 256, 2_048))
    size = {some: float(np.sqrt(np.mean(found.se**2))) for some, found in (("few", few), ("more", more))}
    assert size["more"] / size["few"] == pytest.approx(0.5, abs=0.1)
    assert np.sqrt(np.mean((few.p - many.p) ** 2)) == pytest.approx(size["few"], rel=0.3)
    assert np.sqrt(np.mean((more.p - many.p) ** 2)) == pytest.approx(size["more"], rel=0.3)


def test_a_load_has_the_same_probability_whoever_else_is_asked_about() -> None:
    """Subjects do not touch one another, nor does their order within a chunk."""
    loads = past().finished[np.arange(40)]
    every = chances(past(), loads, loads.released_at, ByReport(), believed(), 32)
    odd = chances(past(), loads[np.arange(1, 40, 2)], loads.released_at[1::2], ByReport(), believed(), 32)
    np.testing.assert_array_equal(every.p[1::2], odd.p)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """All of the truth, from a world made twice; another seed's differs."""
    for name, params in (("one", SMALL), ("two", SMALL), ("other", replace(SMALL, seed=24))):
        truth_of(watched(params), THRESHOLDS, draws=32).write(tmp_path / name)
    for file in ("eta_risk", "tender_failure", "severity"):
        one, two, other = ((tmp_path / name / f"{file}.parquet").read_bytes() for name in ("one", "two", "other"))
        assert one == two
        assert one != other


def test_every_true_probability_is_of_a_subject_of_the_data_set(folder: Path) -> None:
    """Names, stages and moments are those that predictions are made for."""
    dataset = simulate(SMALL, folder).dataset
    for model, table in truth_of(watched(SMALL), THRESHOLDS, draws=32).tables().items():
        subjects = all_subjects(dataset, ModelName(model))[["subject_id", "stage", "as_of"]]
        mine = table.to_pandas()
        mine = mine[mine["as_of"] < subjects["as_of"].max()]
        found = mine.merge(subjects, on=["subject_id", "stage", "as_of"], how="left", indicator=True)
        assert len(found) > 50
        assert (found["_merge"] == "both").mean() > 0.995, (model, found[found["_merge"] != "both"])


def test_probabilities_are_such_and_classes_add_up(tmp_path: Path) -> None:
    """Within 0 and 1 in every file; the classes of severity sum to 1."""
    truth().write(tmp_path)
    for model in ModelName:
        table = pq.read_table(tmp_path / f"{model}.parquet").to_pandas()
        numbers = table.filter(like="p_").to_numpy()
        assert np.isfinite(numbers).all()
        assert ((numbers >= 0) & (numbers <= 1)).all()
    for who in ("latent", "ideal"):
        sums = table.filter(like=f"p_{who}_").sum(axis=1)
        np.testing.assert_allclose(sums, 1.0)


@pytest.mark.parametrize("before", [ACCEPTED, REJECTED, EXPIRED])
def test_offers_after_another_fail_as_often_as_foretold(before: int) -> None:
    """Whom another carrier refused, left waiting or handed back is foretold to be as hard to place as it is."""
    every = replace(past(), sample=10**6)
    found, row = tender_truth(every, believed()), chosen(every)
    later = (found.sequence > 1) & (every.offers.outcome[row - 1] == before)
    assert later.sum() > 300
    for p in (found.latent.p, found.ideal.p):
        assert abs(deviations(found.failed[later], p[later], 1)[0]) < 3.5
    share = float(found.failed[later].mean())
    known, guessed = (log_loss(found.failed[later], p[later]) for p in (found.ideal.p, np.full(len(row), share)))
    assert known < guessed


def test_classes_of_severity_come_about_as_foretold() -> None:
    """Each class, in bins that expect a few; and knowing hardness helps."""
    severity = truth().severity
    for column in range(4):
        for p in (severity.latent[:, column], severity.ideal[:, column]):
            likely = p > 0.02
            assert (deviations((severity.severity == column)[likely], p[likely], 6) ** 2).sum() < 24.1
    scores = truth().summary()[-1]
    assert scores.log_loss_latent < scores.log_loss_ideal


def test_scores_are_those_of_a_known_library() -> None:
    """AUC with ties, and log loss, agree with scikit-learn."""
    came, _, p = figures("release")
    rough = np.round(p, 2)
    assert roc_auc_score(came, rough) == pytest.approx(auc(came, rough))
    assert sklearn_log_loss(came, p) == pytest.approx(log_loss(came, p))


def test_what_has_come_about_is_certain_to_who_sees_it() -> None:
    """After its delivery a load is late or not; a moment before, it was in doubt."""
    loads = past().finished[np.arange(50)]
    late = delay_min(loads) > LATE_AFTER_MIN
    around = AsItIs(believed().sample)
    after = chances(past(), loads, loads.delivered_at + 1.0, BySight(), around, 32)
    np.testing.assert_array_equal(after.p, late * 1.0)
    before = chances(past(), loads, loads.reached_at - 1.0, BySight(), around, 32)
    assert ((before.p > 0) & (before.p < 1)).mean() > 0.8
