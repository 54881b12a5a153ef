"""Boosters made at once: in any number of threads the same bytes, and never more than one thread within LightGBM."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from models.artifact import Provenance, save_model
from models.boosted import MANY_ROWS, ONE_THREAD, Boosted
from models.eta_risk import EtaRisk, fit_eta_risk
from models.severity import fit_severity
from store.current import folder_hash
from store.side_by_side import both, side_by_side
from tests.models.synthetic import SMALL, delay_outcome, frame_of, impact_outcome

FRAME = frame_of(1500, stages=("AF", "AF", "AF", "release"))
NOBODY = Provenance("small", "", "", "", "", 5)


def fit(threads: int) -> EtaRisk:
    return fit_eta_risk(FRAME, delay_outcome(FRAME), 15.0, replace(SMALL, threads=threads))


def test_the_number_of_threads_changes_no_byte(tmp_path: Path):
    """One, three and as many as there are cores give the same folder; so do three heads at once."""
    impact = impact_outcome(FRAME)
    for threads in (1, 3, 0):
        save_model(fit(threads), NOBODY, tmp_path / f"eta{threads}")
        severity = fit_severity(FRAME, impact, (30.0, 90.0, 240.0), replace(SMALL, threads=threads))
        save_model(severity, NOBODY, tmp_path / f"severity{threads}")
    for name in ("eta", "severity"):
        assert len({folder_hash(tmp_path / f"{name}{threads}") for threads in (1, 3, 0)}) == 1


def test_lightgbm_is_never_told_more_than_one_thread(monkeypatch: pytest.MonkeyPatch):
    """Each data set, booster and prediction names one: the number is the whole process's, and two calls would differ.

    A call that raises the number while another thread learns makes that one write past its buffers, now and then.
    """
    told: list[tuple[str, Any]] = []

    def spy(owner: type, name: str, asked: Any) -> None:
        original = getattr(owner, name)

        def told_first(*args: Any, **kwargs: Any) -> Any:
            told.append((f"{owner.__name__}.{name}", asked(args, kwargs).get("num_threads")))
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, told_first)

    spy(lightgbm.Dataset, "__init__", lambda args, kwargs: kwargs["params"])
    spy(lightgbm.Booster, "__init__", _given)
    spy(lightgbm.Booster, "predict", lambda args, kwargs: kwargs)
    model = fit(2)
    model.predict(FRAME)
    model.explain(FRAME.head(5))
    assert {call for call, _ in told} == {"Dataset.__init__", "Booster.__init__", "Booster.predict"}
    assert {threads for _, threads in told} == {1}


def _given(args: Any, kwargs: Any) -> Any:
    """Parameters of a new booster; one that is read from its text takes none."""
    return ONE_THREAD if "model_str" in kwargs else kwargs.get("params") or args[1]


def test_many_rows_are_shared_out_and_come_back_in_order():
    """Margins of more rows than are predicted at once equal LightGBM's own, bit for bit."""
    X = np.random.default_rng(0).normal(size=(2 * MANY_ROWS + 7, 3))
    data = lightgbm.Dataset(X, X[:, 0] + X[:, 1], params={"verbosity": -1, "num_threads": 1})
    booster = lightgbm.train({"verbosity": -1, "num_threads": 1}, data, num_boost_round=3)
    ours = Boosted(booster.model_to_string())
    assert (ours.margins(X) == booster.predict(X, raw_score=True, num_threads=1)).all()
    assert ours.margins(X[:0]).shape == (0,)


def test_answers_keep_the_order_of_their_jobs():
    """The first job waits for the last to be done; its answer still comes first."""
    last_is_done = threading.Event()
    jobs = [lambda: last_is_done.wait(10) and "first", lambda: last_is_done.set() or "last"]
    assert side_by_side(jobs, 2) == ["first", "last"]
    assert both(lambda: "one", lambda: 2, 2) == both(lambda: "one", lambda: 2, 1) == ("one", 2)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_job_that_fails_fails_the_whole(threads: int):
    """An error reaches the caller, whichever job it came from."""

    def fails() -> int:
        raise ValueError("too few rows")

    with pytest.raises(ValueError, match="too few rows"):
        side_by_side([lambda: 1, fails], threads)
    for pair in ((fails, lambda: 1), (lambda: 1, fails)):
        with pytest.raises(ValueError, match="too few rows"):
            both(*pair, threads)
