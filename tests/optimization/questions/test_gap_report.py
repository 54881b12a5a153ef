"""Cost − bound of the prices is regret + unused capacity + penalties, to the last part of a cent."""

from fractions import Fraction

import pytest

from domain.money import Money
from optimization.questions.gap_report import gap_report
from tests.optimization.problems import brute_force
from tests.optimization.questions.desks import any_desk, solved_desk, solved_desks


@pytest.mark.parametrize("block", range(10))
def test_the_parts_add_up_exactly_whatever_the_choice_and_the_prices(block: int) -> None:
    """For random feasible choices at random prices the identity holds in fractions, and no part is below 0."""
    for seed in range(20 * block, 20 * block + 20):
        desk = any_desk(seed)
        if desk is None:
            continue
        report = gap_report(desk, largest=100)
        parts = report.regret_cents + report.unused_cents + report.penalty_cents
        assert report.cost_cents - report.priced_cents == parts, seed
        assert report.regret_cents == sum((one.regret_cents for one in report.largest_cases), Fraction(0))
        assert sum((one.gap_cents for one in report.largest_resources), Fraction(0)) == parts - report.regret_cents
        assert min([0, *(one.gap_cents for one in report.largest_resources)]) == 0


@pytest.mark.parametrize("seed", range(40))
def test_what_the_prices_prove_lies_below_the_optimum(seed: int) -> None:
    """L(p) ≤ optimum for any prices; with the plan's own, what is closed and what is open make up the whole."""
    for desk in (any_desk(seed), solved_desk(seed)):
        if desk is None:
            return
        report, best = gap_report(desk), brute_force(desk.problem)
        assert best is not None
        assert report.priced_cents <= best
        assert report.closed_cents + report.open_cents == report.cost_cents - report.priced_cents


def test_in_words_it_names_the_open_part() -> None:
    """A proven plan leaves nothing open, in the currency that was given; where prices prove it, that is all."""
    said = [gap_report(desk).sentence(Money("EUR")) for desk in solved_desks()]
    assert all("0.00 EUR is open" in one or "exactly what the shadow prices prove" in one for one in said)
    assert len({"is open" in one for one in said}) == 2
