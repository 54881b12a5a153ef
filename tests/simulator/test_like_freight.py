"""The network stays like freight: whoever changes a constant learns here what no longer fits the sources."""

import duckdb
import pytest

from benchmarks.freight_claims import CLAIMS, Claim
from benchmarks.freight_facts import answered, written
from simulator.network.params import MarketKind

SHIPMENTS, SEED = 20_000, 7
SLACK = 0.12
"""Share by which a band is widened: a small network differs from others more than a large one."""
NOISY = ("rejection at holidays", "rejection, flatbed", "rejection, reefer", "acceptance, 5th")
NOISY_SLACK = 0.45
"""The same for what rests on few offers."""
REQUIRED = [claim for claim in CLAIMS if claim.required]


@pytest.fixture(scope="module")
def markets(tmp_path_factory: pytest.TempPathFactory) -> dict[MarketKind, duckdb.DuckDBPyConnection]:
    """One modest history of each market."""
    return {market: written(tmp_path_factory.mktemp(market), market, SEED, SHIPMENTS) for market in MarketKind}


@pytest.mark.parametrize("claim", REQUIRED, ids=lambda claim: f"{claim.fact}, {claim.market}")
def test_a_figure_is_near_its_band(claim: Claim, markets: dict[MarketKind, duckdb.DuckDBPyConnection]) -> None:
    """Every figure that must be within the sources' band is, or nearly so in a small network."""
    slack = NOISY_SLACK if claim.fact.startswith(NOISY) else SLACK
    value = answered(markets[claim.market], claim)
    assert claim.holds(value, slack), f"{value:.3f} is not from {claim.low:.3f} to {claim.high:.3f}"


def test_lead_time_goes_with_refusals(markets: dict[MarketKind, duckdb.DuckDBPyConnection]) -> None:
    """In the raw record a longer lead time goes with fewer acceptances, within lanes with more."""
    both = """
        SELECT regr_slope(accepted::INT, ln(lead_h)), regr_slope(a, l) FROM (
            SELECT accepted, lead_h, accepted::INT - avg(accepted::INT) OVER (PARTITION BY lane) AS a,
                   ln(lead_h) - avg(ln(lead_h)) OVER (PARTITION BY lane) AS l FROM first
        )
    """
    ((raw, within),) = markets[MarketKind.TURNING].execute(both).fetchall()
    assert raw < -0.02
    assert within > 0.05
