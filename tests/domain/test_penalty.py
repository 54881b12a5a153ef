"""A penalty never falls with the delay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import LanewiseError
from domain.penalty import PenaltyCurve, PenaltyPiece

TERMS = PenaltyCurve((PenaltyPiece(30, 100), PenaltyPiece(120, 250, 2.0), PenaltyPiece(240, 490)))
"""100 from half an hour on, 250 from two hours and 2 a minute more, 490 and no more from four hours on."""


@pytest.mark.parametrize(
    ("delay", "cost"), [(-60, 0), (30, 0), (30.5, 100), (120, 100), (121, 252), (240, 490), (1000, 490)]
)
def test_a_term_sets_in_beyond_its_minutes(delay, cost):
    """At the minutes themselves the term before still holds, as a delivery within tolerance is not late."""
    assert TERMS.cost(delay) == cost


def test_short_forms_are_curves():
    """A fixed sum, and money by the minute."""
    assert [PenaltyCurve.fixed(15, 40).cost(delay) for delay in (15, 16, 500)] == [0, 40, 40]
    assert [PenaltyCurve.by_minute(15, 4).cost(delay) for delay in (15, 16, 25)] == [0, 4, 40]


@given(st.floats(-500, 2000))
def test_bends_add_up_to_the_curve(delay):
    """Σ jump · 1{d > t} + change of slope · (d − t)⁺ is the cost of every delay."""
    summed = sum(
        one.cost * (delay > one.after_min) + one.per_min * max(delay - one.after_min, 0) for one in TERMS.bends
    )
    assert summed == pytest.approx(TERMS.cost(delay), abs=1e-9)


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ((), "needs pieces"),
        ((PenaltyPiece(float("nan"), 1),), "finite"),
        ((PenaltyPiece(0, -1),), "0 or more"),
        ((PenaltyPiece(0, 1, -0.5),), "0 or more"),
        ((PenaltyPiece(10, 1), PenaltyPiece(10, 2)), "follow one another"),
        ((PenaltyPiece(0, 10), PenaltyPiece(10, 5)), "falls from 10"),
        ((PenaltyPiece(0, 0, 2), PenaltyPiece(10, 19)), "at 10 min it falls from 20"),
    ],
)
def test_a_curve_that_is_none_is_refused(pieces, said):
    """The message says what was expected and what came."""
    with pytest.raises(LanewiseError, match=said):
        PenaltyCurve(pieces)
