"""What a model looks at is told of a sample, in the catalogue's words, and adds up to what the model says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from domain.predictions import ModelName
from models.eta_risk import SURELY
from models.model import Model
from tests.training.synthetic import OF_OTHERS
from training.card_looks import looks_section
from training.dependence import dependence_plot, importance_plot
from training.drift_plot import drift_plot
from training.families import described
from training.importance import SAMPLE, LookedAt, look_at

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)


def looked_at(frame: pd.DataFrame, columns: tuple[str, ...], contributions: np.ndarray) -> LookedAt:
    return LookedAt("it is late", frame, np.arange(len(contributions)), columns, contributions)


@pytest.mark.parametrize("name", list(ModelName))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_explanation_adds_up_on_any_row(home, name: ModelName, data: st.DataObject) -> None:
    """Cells mixed from other rows, or missing: base + Σ = margin, margin + calibration = log-odds of what is said."""
    (fitted,) = [one.fitted for one in home.first.trained if one.fitted.model.name is name]
    frame = mixed(fitted.test_frame, data)
    told = fitted.model.explain(frame)
    np.testing.assert_allclose(told.base + told.values.sum(axis=1), told.margin, rtol=0, atol=1e-9)
    certain = np.clip(told.probability, SURELY, 1 - SURELY)
    np.testing.assert_allclose(told.margin + told.calibration, logit(certain), rtol=0, atol=1e-9)
    np.testing.assert_allclose(told.probability, said(fitted.model, frame), rtol=0, atol=1e-12)


def said(model: Model, frame: pd.DataFrame) -> np.ndarray:
    """The probability that the explanation is of, by what the model predicts."""
    predicted = model.predict(frame)
    if model.name is ModelName.SEVERITY:
        return (predicted["p_major"] + predicted["p_critical"]).to_numpy()
    return predicted["p_late" if model.name is ModelName.ETA_RISK else "p_fail"].to_numpy()


def mixed(frame: pd.DataFrame, data: st.DataObject) -> pd.DataFrame:
    """Three rows whose cells come from rows of the frame, each column's from its own, or are missing."""
    seed = data.draw(st.integers(0, 2**32 - 1))
    draw, made = np.random.default_rng(seed), frame.iloc[:3].copy()
    for column in frame:
        made[column] = frame[column].iloc[draw.integers(0, len(frame), 3)].to_numpy()
        if column != "stage" and draw.random() < 0.2:
            made.loc[made.index[draw.integers(0, 3)], column] = None if frame[column].dtype == "str" else np.nan
    return made.astype(frame.dtypes)


@pytest.mark.parametrize("name", list(ModelName))
def test_importance_is_the_mean_size_of_contributions_of_a_sample(home, name: ModelName) -> None:
    """Of at most so many rows, the same for the same seed; shares sum to 1 or the model looks at nothing."""
    (fitted,) = [one.fitted for one in home.first.trained if one.fitted.model.name is name]
    looked = look_at(fitted.model, fitted.test_frame, 3)
    assert len(looked.drawn) == min(SAMPLE, len(fitted.test_frame))
    told = fitted.model.explain(fitted.test_frame.iloc[looked.drawn])
    np.testing.assert_array_equal(looked.importance, np.abs(told.values).mean(axis=0))
    np.testing.assert_array_equal(looked.importance, look_at(fitted.model, fitted.test_frame, 3).importance)
    assert looked.share.sum() == pytest.approx(1.0)


def test_the_foremost_columns_come_first_and_those_that_move_nothing_never() -> None:
    frame = pd.DataFrame({"a": [1.0, 2], "b": [1.0, 2], "c": [1.0, 2], "d": [0.0, 1]})
    looked = looked_at(frame, ("a", "b", "c", "d"), np.array([[0.1, -2, 0, 0.1], [0.1, 1, 0, -0.1]]))
    assert [looked.columns[place] for place in looked.foremost(9)] == ["b", "a", "d"]
    assert looked.share.tolist() == pytest.approx([0.1 / 1.7, 1.5 / 1.7, 0.0, 0.1 / 1.7])


def test_a_word_is_found_whole_in_its_text() -> None:
    frame = pd.DataFrame({"x_note": pd.Series(["Live unload", "unloaded", None], dtype="str")})
    looked = looked_at(frame, ("x_note~unload",), np.ones((3, 1)))
    assert looked.values(0).tolist() == [1.0, 0.0, 0.0]


def test_columns_are_told_in_the_catalogue_s_words() -> None:
    """The longest line that fits; a word of its text; nothing is made up for a column that nobody described."""
    lines = described(["to_delivery_min", "carrier_late_7d", "x_goods_late_120d", "x_note~urgent", "nobody_knows"])
    assert [line.meaning for line in lines] == [
        "as_of to planned delivery",
        "decayed, shrunk mean of late among deliveries of carrier_id, half-life 7 d",
        "history of a user's own category",
        "whether x_note has the word urgent",
        "nobody_knows",
    ]
    assert [line.unit for line in lines] == ["min", "0–1", "as the value", "0/1", ""]


def odd_frame(rows: int) -> pd.DataFrame:
    """Columns that are hard to draw: one value, nothing known, two values, many names, infinite spans of time."""
    draw = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "stage": pd.Series(draw.choice(["release", "AF"], rows), dtype="str"),
            "constant": np.ones(rows),
            "unknown": np.full(rows, np.nan),
            "flag": draw.integers(0, 2, rows).astype(float),
            "name": pd.Series([f"N{k}" for k in range(rows)], dtype="str"),
            "gaps": np.where(draw.random(rows) < 0.5, np.nan, draw.normal(size=rows)),
            "far": np.exp(20 * draw.normal(size=rows)),
        }
    )


def test_odd_columns_can_be_drawn(home) -> None:
    """Six panels with marks in each, and a bar for each column."""
    frame = odd_frame(60)
    looked = looked_at(frame, tuple(frame), np.random.default_rng(3).normal(size=(60, 7)))
    panels = dependence_plot(looked, "odd").axes
    assert len(panels) == 6
    assert all(panel.collections for panel in panels)
    (bars,) = importance_plot(looked, "odd").axes
    assert len(bars.patches) == 7
    checked = home.first.trained[0].fitted.checked
    test_frame = home.first.trained[0].fitted.test_frame
    assert len(drift_plot(test_frame, test_frame, checked, "drift").axes) == 5


def test_the_card_says_how_many_rows_were_explained() -> None:
    """And lists the foremost columns with their words, unit and share."""
    frame = odd_frame(60).assign(pace=1.0)
    looked = looked_at(frame, ("pace", "flag"), np.array([[0.3, -0.1]] * 20))
    section = looks_section(looked, ())
    assert "SHAP values of 20 of 60 later rows" in section.words[0]
    assert section.grids[0].rows == (
        ("pace", "time taken since departure over time planned for it", "ratio", "0.300", "75.0%"),
        ("flag", "flag", "", "0.100", "25.0%"),
    )
