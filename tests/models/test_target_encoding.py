"""Categories as what came of them: only as known when a row was asked about, and the same by plain counting."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifact import Provenance, load_model, save_model
from models.encoder import Encoder
from models.moments import Moments
from models.ready import Ready, ready_to_fit
from models.target_encoding import END, PRIOR_WEIGHT, SUFFIX, Remembered, TargetMeans, learn_means, remember
from models.tender_failure import fit_tender_failure
from tests.models.synthetic import SMALL, answer_outcome, frame_of

ROWS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 20), st.sampled_from(["a", "b", None]), st.booleans()),
    min_size=1,
    max_size=30,
)


def remembered(rows: list[tuple[int, int, str | None, bool]]) -> tuple[pd.DataFrame, Remembered]:
    rows = sorted(rows, key=lambda row: row[0])
    asked, known = np.array([row[0] for row in rows]), np.array([row[0] + row[1] for row in rows])
    frame = pd.DataFrame({"c": pd.Series([row[2] for row in rows], dtype="str")})
    outcome = np.array([float(row[3]) for row in rows])
    return frame, remember(frame, ("c",), outcome, Moments(asked, known, np.zeros_like(asked)))


def counted(frame: pd.DataFrame, of: Remembered, value: Any, by: int) -> float:
    """The same by a loop over rows."""
    known = [k for k in range(len(frame)) if of.moments.known[k] < by]
    alike = [k for k in known if frame["c"][k] == value or (pd.isna(frame["c"][k]) and pd.isna(value))]
    general = sum(of.outcome[k] for k in known) / max(1, len(known))
    return float((sum(of.outcome[k] for k in alike) - len(alike) * general) / (len(alike) + PRIOR_WEIGHT))


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(0, 80))
def test_differences_are_those_of_plain_counting(rows: list[tuple[int, int, str | None, bool]], by: int) -> None:
    """As each row was asked about, at any one moment, and by the end."""
    frame, of = remembered(rows)
    asked = [counted(frame, of, value, moment) for value, moment in zip(frame["c"], of.moments.asked, strict=True)]
    np.testing.assert_allclose(of.differences(of.moments.asked)[:, 0], asked, atol=1e-12)
    at_once = [counted(frame, of, value, by) for value in frame["c"]]
    np.testing.assert_allclose(of.differences(np.full(len(frame), by))[:, 0], at_once, atol=1e-12)
    learned = learn_means(frame, ("c",), of, 1)
    end = [counted(frame, of, value, END) for value in frame["c"]]
    np.testing.assert_allclose(learned.matrix(frame)[:, 0], end, atol=1e-12)


def test_what_became_known_later_changes_nothing() -> None:
    """Turn every outcome that was not yet known when a row was asked about: its code stays; its own is among them."""
    random = np.random.default_rng(0)
    rows = [(int(t), int(w), str(v), bool(y)) for t, w, v, y in random.integers(0, [900, 90, 4, 2], (200, 4))]
    _, of = remembered(rows)
    before = of.differences(of.moments.asked)
    for row in (20, 100, 199):
        later = of.moments.known >= of.moments.asked[row]
        turned = replace(of, outcome=np.where(later, 1 - of.outcome, of.outcome))
        assert later[row]
        assert turned.differences(of.moments.asked)[row] == before[row]


def network(rows: int = 3000) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers of whom each has a rate of their own, too many to be categories; an hour apart, known after ten."""
    random = np.random.default_rng(3)
    frame = frame_of(rows).drop(columns="x_note")
    who = random.integers(0, 150, rows)
    frame["customer_id"] = pd.Series([f"c{n}" for n in who], dtype="str")
    asked = pd.Series(pd.date_range("2024-01-01", periods=rows, freq="h", tz="UTC"))
    failed = (random.random(rows) < random.beta(0.4, 0.4, 150)[who]).astype(float)
    return frame, pd.DataFrame({"value": failed, "as_of": asked, "known_at": asked + pd.Timedelta(hours=10)})


def made_ready(encoding: str) -> Ready:
    frame, outcome = network()
    return ready_to_fit(frame, outcome, outcome["value"].to_numpy(), replace(SMALL, encoding=encoding))


def test_rolling_folds_choose_what_helps() -> None:
    """Where each customer has a rate of its own, what came of it is shown; where nothing of it helps, it is not."""
    assert made_ready("chosen").recipe.encoding in ("target", "both")
    frame = frame_of(3000)
    outcome = answer_outcome(frame)
    ready = ready_to_fit(frame, outcome, outcome["value"].to_numpy(), replace(SMALL, encoding="chosen"))
    assert ready.recipe.encoding == "native"


@pytest.mark.parametrize(("encoding", "categories", "coded"), [("native", 1, 0), ("target", 0, 2), ("both", 1, 2)])
def test_an_encoding_shows_what_it_says(encoding: str, categories: int, coded: int) -> None:
    """Categories, codes of text columns of any number of values, or both; the stage has one value here, so none."""
    encoder = made_ready(encoding).encoder
    assert len(encoder.categories) == categories
    assert [name for name in encoder.columns if name.endswith(SUFFIX)] == list(encoder.means.names)
    assert len(encoder.means.names) == coded
    assert Encoder.from_json(json.loads(json.dumps(encoder.as_json()))) == encoder


def test_a_fold_judges_by_what_was_known_when_its_slice_began() -> None:
    """Turn the outcomes known from then on: the codes of the judged rows stay; those of the table saw more."""
    table = made_ready("both").table
    later = slice(2000, 3000)
    assert table.moments is not None
    assert table.remembered is not None
    unknown = table.moments.known >= table.moments.asked[later.start]
    turned = replace(table.remembered, outcome=np.where(unknown, 1 - table.y, table.y))
    np.testing.assert_array_equal(replace(table, remembered=turned).judged(later).X, table.judged(later).X)
    assert (table.X[later] != table.judged(later).X).any()


def test_values_never_seen_differ_by_nothing() -> None:
    """A new value, and a column that the frame lacks where none was ever missing, say nothing."""
    means = TargetMeans({"c": {"a": 0.25}, "d": {None: -0.5, "b": 0.1}})
    frame = pd.DataFrame({"c": pd.Series(["a", "new", None], dtype="str")})
    assert means.matrix(frame).tolist() == [[0.25, -0.5], [0.0, -0.5], [0.0, -0.5]]
    assert TargetMeans.from_json(json.loads(json.dumps(means.as_json()))) == means


def test_a_model_of_target_codes_is_kept_whole(tmp_path: Any) -> None:
    """Saved and read back: the same predictions and recipe; contributions still sum to the margin."""
    frame, outcome = network()
    model = fit_tender_failure(frame, outcome, replace(SMALL, encoding="both"))
    save_model(model, Provenance("small", "", "", "", "", 5), tmp_path / "model")
    again, _ = load_model(tmp_path / "model")
    pd.testing.assert_frame_equal(again.predict(frame), model.predict(frame), check_exact=True)
    assert again.recipe == model.recipe
    told = model.explain(frame.head(20))
    np.testing.assert_allclose(told.base + told.values.sum(axis=1), told.margin, atol=1e-9)
    assert "customer_id" + SUFFIX in told.columns
