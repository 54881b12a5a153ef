"""Actions say what they need."""

import numpy as np
import pytest

from domain.errors import BadSettings
from optimization.actions import ACTIONS
from simulator.whatif.actions import DO_NOTHING, Action, Kind, raise_price, rebook, release_earlier, retender
from tests.simulator.lived import done_to_all, ended


@pytest.mark.parametrize("build", [lambda: raise_price(-0.1), lambda: release_earlier(-1), lambda: rebook(60)])
def test_amounts_out_of_range_are_refused(build: object) -> None:
    with pytest.raises(BadSettings):
        build()  # type: ignore[operator]  # one of the builders above


def test_a_retender_names_a_carrier() -> None:
    with pytest.raises(BadSettings, match="needs a carrier"):
        Action(Kind.RETENDER)


def test_names_are_those_of_the_catalogue() -> None:
    """Every kind that a plan considers can be tried here, under the same name."""
    assert {action.kind for action in ACTIONS} <= {kind.name.lower() for kind in Kind}


@pytest.mark.parametrize("action", [retender(0), raise_price(0.1), rebook(4.0), Action(Kind.SHIFT_CAPACITY)])
def test_what_comes_too_late_changes_nothing_and_costs_nothing(action: Action) -> None:
    """Thirty days after release there is nothing left to tender or to book."""
    late, usual = done_to_all(action, 720.0), done_to_all(DO_NOTHING)
    rode = np.isfinite(ended().delivered_at)
    assert not late.done[rode].any()
    assert np.array_equal(late.costs.total, usual.costs.total)
