"""Spans of hours to go: where they begin, and what is overdue or unknown."""

import numpy as np
import pandas as pd

from models.horizon import in_spans, spans_of


def test_each_span_begins_at_its_hour():
    """Six, 24 and 72 hours; what is overdue, or has no planned delivery, lies in the first."""
    minutes = pd.Series([-500.0, 0.0, 359.9, 360.0, 1439.0, 1440.0, 4319.0, 4320.0, 1e6, np.nan])
    told = spans_of(pd.DataFrame({"to_delivery_min": minutes}))
    assert told.tolist() == [0, 0, 0, 1, 1, 2, 2, 3, 3, 0]
    np.testing.assert_array_equal(in_spans(told, 10).argmax(axis=1)[3:9] + 1, told[3:9])
    assert in_spans(told, 10)[[0, 1, 2, 9]].sum() == 0


def test_a_frame_that_knows_of_no_delivery_lies_in_the_first():
    """As do rows of questions that have nothing to do with hours to go."""
    assert spans_of(pd.DataFrame({"stage": ["offer"] * 3})).tolist() == [0, 0, 0]
    assert in_spans(None, 3).tolist() == [[0.0] * 3] * 3
