"""A frame in a file is the frame: its columns, its blocks, its end; and it leaves nothing behind."""

import gc

import numpy as np
import pandas as pd
import pytest

from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.frame_file import FrameFile, write_frame
from features.subjects import all_subjects
from tests.features.world import World

DATASET = World(4).dataset


def both(model: ModelName, block: int) -> tuple[pd.DataFrame, FrameFile]:
    """Features of two subjects of three, in memory and in a file."""
    every = all_subjects(DATASET, model)
    some = every[np.arange(len(every)) % 3 > 0].reset_index(drop=True)
    return FeatureFrames(DATASET).of(model, some), write_frame(DATASET, model, some, block)


@pytest.mark.parametrize("model", list(ModelName))
@pytest.mark.parametrize("block", [7, 65_536])
def test_a_frame_in_a_file_has_the_bits_of_one_in_memory(model, block):
    """Column by column and block by block; a column that the other leaves out says nothing."""
    expected, found = both(model, block)
    assert len(found) == len(expected)
    parts = list(found.blocks())
    assert [len(part) for part in parts[:-1]] == [block] * (len(parts) - 1)
    whole = pd.concat(parts, ignore_index=True)
    pd.testing.assert_frame_equal(whole[list(expected)], expected, check_exact=True)
    for name in found:
        pd.testing.assert_series_equal(found[name], whole[name], check_exact=True)
        assert name in found
        assert name in expected or found[name].isna().all()
    assert "subject_id" not in found


@pytest.mark.parametrize("rows", [1, 7, 8, 60, 10_000])
def test_the_tail_is_the_end_of_the_frame(rows):
    """Of one block, of several, of all."""
    expected, found = both(ModelName.SEVERITY, 7)
    pd.testing.assert_frame_equal(found.tail(rows)[list(expected)], expected.tail(rows).reset_index(drop=True))


def test_subjects_in_another_order_are_a_defect():
    """A file is written in the order of time, once."""
    with pytest.raises(AssertionError, match="in its order"):
        write_frame(DATASET, ModelName.SEVERITY, all_subjects(DATASET, ModelName.SEVERITY).iloc[::-1])


def test_files_are_gone_with_the_frame():
    """They are as large as the data."""
    _, found = both(ModelName.SEVERITY, 7)
    folder = found.folder
    assert folder.is_dir()
    del found
    gc.collect()
    assert not folder.exists()
