"""From a frame to a matrix: codes, words, and what is unknown."""

import json

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.encoder import MAX_CATEGORIES, MAX_WORDS, Encoder, learn_encoder
from tests.models.synthetic import frame_of

FRAME = frame_of(1000)


def test_codes_do_not_depend_on_the_order_of_rows():
    """Learned from shuffled rows, the encoder is the same."""
    for seed in range(5):
        assert learn_encoder(FRAME.sample(frac=1, random_state=seed)) == learn_encoder(FRAME)


def test_an_encoder_survives_json():
    """Written to JSON and read back it is equal and encodes alike."""
    encoder = learn_encoder(FRAME)
    again = Encoder.from_json(json.loads(json.dumps(encoder.as_json())))
    assert again == encoder
    np.testing.assert_array_equal(again.matrix(FRAME), encoder.matrix(FRAME))


def test_text_gives_word_columns():
    """``x_note`` reads like words: ``x_note~axle`` is 1 where the word occurs, whatever its case, and 0 elsewhere."""
    encoder = learn_encoder(FRAME)
    place = encoder.columns.index("x_note~axle")
    column = encoder.matrix(FRAME.assign(x_note=FRAME["x_note"].str.upper()))[:, place]
    np.testing.assert_array_equal(column, FRAME["x_note"].str.contains("axle").astype(float))
    assert "carrier_id" not in encoder.words


def test_numbers_pass_and_unknown_values_are_nan():
    """A number as it is; a category never seen, a missing one and a missing column are NaN."""
    encoder = learn_encoder(FRAME)
    places = {name: k for k, name in enumerate(encoder.columns)}
    strange = FRAME.assign(carrier_id="never seen").drop(columns="load")
    made = encoder.matrix(strange)
    assert np.isnan(made[:, places["carrier_id"]]).all()
    assert np.isnan(made[:, places["load"]]).all()
    np.testing.assert_array_equal(made[:, places["distance_km"]], FRAME["distance_km"])
    assert made.shape == (1000, len(encoder.columns))


def test_many_categories_are_capped():
    """Of thousands of values the frequent ones are kept, most frequent first; words are capped as well."""
    random = np.random.default_rng(1)
    many = pd.Series([f"v{n}" for n in np.abs(random.normal(0, 150, 20_000)).astype(int)], dtype="str")
    text = pd.Series([f"w{n} w{n + 1}" for n in random.integers(0, 300, 20_000)], dtype="str")
    encoder = learn_encoder(pd.DataFrame({"x_many": many, "x_text": text}))
    known = encoder.categories["x_many"]
    counts = many.value_counts()
    assert len(known) == MAX_CATEGORIES
    assert list(counts[list(known)]) == sorted(counts[list(known)], reverse=True)
    assert counts[list(known)].min() >= counts.drop(list(known)).max()
    assert len(encoder.words["x_text"]) == MAX_WORDS


def test_what_never_varies_is_left_out():
    """A constant number, an empty column and a single category tell nothing."""
    frame = pd.DataFrame({"one": [1.0] * 50, "none": [np.nan] * 50, "some": [1.0, np.nan] * 25})
    frame["same"] = pd.Series(["a"] * 50, dtype="str")
    assert learn_encoder(frame).columns == ("some",)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=5)), min_size=1, max_size=60), st.randoms())
def test_any_text_is_encoded_alike_in_any_order(values, random):
    """For any text: the same encoder from any order, and codes that name the value they came from."""
    column = pd.Series([*values] * 6, dtype="str")
    shuffled = list(column)
    random.shuffle(shuffled)
    encoder = learn_encoder(pd.DataFrame({"x_a": column}))
    assert encoder == learn_encoder(pd.DataFrame({"x_a": pd.Series(shuffled, dtype="str")}))
    if "x_a" in encoder.categories:
        codes = encoder.matrix(pd.DataFrame({"x_a": column}))[:, 0]
        for value, code in zip(column, codes, strict=True):
            assert np.isnan(code) if pd.isna(value) else encoder.categories["x_a"][int(code)] == value


def test_names_that_hardly_repeat_are_no_category() -> None:
    """Three rows a name teach trees the name by heart: such a column stays out, its history speaks for it."""
    names = pd.Series([f"n{k // 3}" for k in range(900)], dtype="str")
    kinds = pd.Series(["a", "b", "c"] * 300, dtype="str")
    assert set(learn_encoder(pd.DataFrame({"x_name": names, "x_kind": kinds})).categories) == {"x_kind"}
