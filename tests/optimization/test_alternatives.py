"""What each candidate would be in place of the chosen one, by the brute force's word."""

from fractions import Fraction

import pytest

from optimization.alternatives import FITS
from optimization.questions.desk import Desk
from tests.optimization.questions.desks import any_desk, solved_desk
from tests.optimization.questions.every_cost import every_cost


@pytest.mark.parametrize("seed", range(60))
def test_a_swap_fits_and_costs_what_the_plan_with_it_does(seed: int) -> None:
    """It fits exactly where the choice with it meets the hard rows, and changes the cost by the difference."""
    for desk in (solved_desk(seed), any_desk(seed)):
        if desk is None:
            return
        costs, swaps = every_cost(desk.problem), desk.alternatives.swaps
        for place, (case, action) in enumerate(desk.problem.candidates[["case_id", "action_id"]].to_numpy().tolist()):
            swapped = tuple(desk.solution.choice[one] if one != case else action for one in desk.problem.case_ids)
            assert (swapped in costs) == (swaps.blocked[place] == FITS)
            if swapped in costs:
                assert costs[swapped] - desk.solution.objective == swaps.cents[place]


@pytest.mark.parametrize("seed", range(60))
def test_opportunity_cost_is_cost_and_prices_against_the_chosen_one(seed: int) -> None:
    """Reckoned anew in fractions from the tables, and ranked within each case from the smallest on."""
    desk = any_desk(seed)
    if desk is None:
        return
    reduced = _reduced(desk)
    names = desk.problem.candidates["action_id"].tolist()
    case = desk.problem.places.case
    found = [desk.cents(parts) for parts in desk.alternatives.opportunity.tolist()]
    chosen = [desk.solution.choice[one] for one in desk.problem.case_ids]
    assert found == [reduced[name] - reduced[chosen[case[place]]] for place, name in enumerate(names)]
    ranked = desk.alternatives.ranked.tolist()
    assert case[ranked].tolist() == case.tolist()
    assert ranked == sorted(range(len(names)), key=lambda place: (case[place], found[place], place))


def _reduced(desk: Desk) -> dict[str, Fraction]:
    prices = {name: desk.price(row) for name, row in desk.names.rows.items()}
    reduced = {name: Fraction(cost) for _, name, cost in desk.problem.candidates.itertuples(index=False)}
    for name, resource, amount in desk.problem.usage.itertuples(index=False):
        reduced[name] += prices[resource] * amount
    for row, pair in enumerate(desk.problem.exclusions.itertuples(index=False), len(prices)):
        for name in pair:
            reduced[name] += desk.price(row)
    return reduced
