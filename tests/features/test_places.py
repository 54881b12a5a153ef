"""Looking up the rows of a few keys finds what looking at every row finds."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from domain.predictions import ModelName
from features import past
from features.frame import FeatureFrames
from features.places import Places
from features.subjects import all_subjects
from tests.training.synthetic import small

KEYS = st.sampled_from(["a", "b", "c", None])


@given(column=st.lists(KEYS), asked=st.lists(st.sampled_from(["a", "b", "c", "d", None])))
def test_places_are_those_of_equal_keys(column, asked):
    """In the frame's order, each once; nulls equal nothing."""
    series = pd.Series(column, dtype="str")
    expected = [row for row, key in enumerate(column) if key is not None and key in asked]
    assert Places(series).of(pd.Series(asked, dtype="str")).tolist() == expected


def test_few_questions_and_many_get_the_same_features(tmp_path, monkeypatch):
    """Whether a memory is taken up at a checkpoint or from its beginning, every feature has the same bits."""
    dataset = small(tmp_path)
    for model in ModelName:
        few = all_subjects(dataset, model).iloc[150:153]
        frames = []
        for times in (0, 10**9):
            monkeypatch.setattr(past, "FEW", times)
            frames.append(FeatureFrames(dataset).of(model, few))
        pd.testing.assert_frame_equal(*frames, check_exact=True)
