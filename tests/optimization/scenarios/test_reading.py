"""A file of changes is read into values; what is wrong is said with its place, what was expected, and what came."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import BadScenario, NotThere
from optimization.scenarios.amount import Amount
from optimization.scenarios.budget import Budget
from optimization.scenarios.capacity import Capacity
from optimization.scenarios.carrier_down import CarrierDown
from optimization.scenarios.cost import Cost
from optimization.scenarios.demand import Demand
from optimization.scenarios.forbid import Forbid
from optimization.scenarios.kinds import KINDS
from optimization.scenarios.planners import Planners
from optimization.scenarios.reading import keys_of, parse_scenario, read_scenario
from optimization.scenarios.scenario import Scenario
from optimization.scenarios.site_closed import SiteClosed
from optimization.scenarios.where import Where

EVERY = """
name = "Everything at once"
note = "A bad day."
[[change]]
kind = "carrier_down"
carrier = ["C7", "C8"]
failure_scale = 2
[[change]]
kind = "site_closed"
site = "DC1"
from = 2026-03-02
until = "2026-03-03T06:00+01:00"
[[change]]
kind = "demand"
origin = "DC1"
destination = "SITE1*"
scale = 1.3
seed = 7
[[change]]
kind = "budget"
business_unit = "east"
set = 1250.50
[[change]]
kind = "planners"
add = -120
[[change]]
kind = "capacity"
resource = "dock*"
bound = "lo"
scale = 0.9
penalty_cents = 50
[[change]]
kind = "cost"
action = "expedite"
part = "direct"
scale = 1.2
[[change]]
kind = "forbid"
candidate = "*/notify"
"""


def test_every_kind_is_read() -> None:
    """Numbers as exact decimals, times in UTC, one name or several."""
    assert parse_scenario(EVERY) == Scenario(
        "Everything at once",
        (
            CarrierDown(("C7", "C8"), Decimal(2)),
            SiteClosed(("DC1",), datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, 5, tzinfo=UTC)),
            Demand(Decimal("1.3"), Where(origin=("DC1",), destination=("SITE1*",)), 7),
            Budget(Amount(set=Decimal("1250.50")), ("east",)),
            Planners(Amount(add=Decimal(-120))),
            Capacity(("dock*",), Amount(scale=Decimal("0.9")), "lo", 50),
            Cost(Where(action=("expedite",)), scale=Decimal("1.2"), part="direct"),
            Forbid(Where(candidate=("*/notify",))),
        ),
        "A bad day.",
    )


def one(change: str) -> str:
    return f'name = "x"\n[[change]]\n{change}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "this is no valid TOML"),
        ('[[change]]\nkind = "planners"\nscale = 1', "the file needs a name"),
        ("name = 3", "name must be a text, but is 3"),
        ('name = "x"', "the file needs changes, each written under a line [[change]]"),
        ('name = "x"\nchange = 3', "the file needs changes"),
        ('name = "x"\nchange = [3]', "[[change]] 1 must be a table of keys, but is 3"),
        ('name = "x"\n[[changes]]', "the file has the unknown key 'changes'; it may hold name, note, change"),
        (one("scale = 1"), "[[change]] 1 kind must be one of carrier_down, site_closed, demand, budget, planners"),
        (one('kind = "strike"'), "but is 'strike'"),
        (one("kind = 7"), "[[change]] 1 kind must be a text, but is 7"),
        (
            one('kind = "planners"\nhours = 3'),
            "[[change]] 1 (planners) has the unknown key 'hours'; it may hold kind, set, scale, add",
        ),
        (
            one('kind = "planners"\nscale = "half"'),
            "[[change]] 1 (planners): scale must be a number of at most 15 digits before and after the point, but is",
        ),
        (
            one('kind = "planners"\nscale = true'),
            "scale must be a number of at most 15 digits before and after the point, but is True",
        ),
        (
            one('kind = "planners"\nscale = nan'),
            "scale must be a number of at most 15 digits before and after the point, but is NaN",
        ),
        (
            one('kind = "planners"\nset = 1e999999999'),
            "set must be a number of at most 15 digits before and after the point, but is 1E+999999999",
        ),
        (one('kind = "planners"\nset = 1e-999999999'), "before and after the point, but is 1E-999999999"),
        (one('kind = "planners"\nset = 1_000_000_000_000_000'), "before and after the point, but is 1000000000000000"),
        (one('kind = "planners"\nscale = -0.5'), "scale must be 0 or more, but is -0.5"),
        (one('kind = "planners"'), "the amount must be one of set, scale and add, but is none of them"),
        (
            one('kind = "budget"\nset = 1\nadd = 2'),
            "[[change]] 1 (budget): the amount must be one of set, scale and add, but is several of them",
        ),
        (one('kind = "budget"\nscale = 1\nbusiness_unit = []'), "business_unit must be a text or a list of texts"),
        (one('kind = "budget"\nscale = 1\nbusiness_unit = ["a", 3]'), "business_unit must be a text or a list"),
        (one('kind = "carrier_down"'), "carrier is missing: it must be a text or a list of texts"),
        (
            one('kind = "carrier_down"\ncarrier = "C"\nfailure_scale = 0.5'),
            "failure_scale must be 1 or more, but is 0.5",
        ),
        (one('kind = "demand"\nscale = 11'), "scale must be from 0 to 10, but is 11"),
        (one('kind = "demand"\nscale = 1.1\nseed = 0.5'), "seed must be a whole number, but is 0.5"),
        (one('kind = "demand"\nscale = 1.1\nseed = -1'), "seed must be 0 or more, but is -1"),
        (one('kind = "site_closed"\nsite = "S"\nfrom = "noon"'), "from must be a time in ISO 8601, such as"),
        (one('kind = "site_closed"\nsite = "S"\nuntil = 3'), "until must be a time in ISO 8601, such as"),
        (
            one('kind = "site_closed"\nsite = "S"\nfrom = 2026-03-03\nuntil = 2026-03-02'),
            "until must be after from (2026-03-03T00:00:00Z), but is 2026-03-02T00:00:00Z",
        ),
        (one('kind = "capacity"\nresource = "r"'), "must be one of set, scale, add, penalty_cents and hard"),
        (one('kind = "capacity"\nresource = "r"\nset = 1\nbound = "up"'), "bound must be hi or lo, but is 'up'"),
        (
            one('kind = "capacity"\nresource = "r"\npenalty_cents = 1.5'),
            "penalty_cents must be a whole number, but is 1.5",
        ),
        (one('kind = "capacity"\nresource = "r"\npenalty_cents = -1'), "penalty_cents must be 0 or more, but is -1"),
        (one('kind = "capacity"\nresource = "r"\npenalty_cents = 1\nhard = true'), "hard must be false where penalty"),
        (one('kind = "capacity"\nresource = "r"\nhard = 1'), "hard must be true or false, but is 1"),
        (one('kind = "cost"\nscale = 1\nadd = 1'), "the cost must be changed by one of scale and add, but is both"),
        ('name = " "\n[[change]]\nkind = "cost"\nscale = 1', "name must not be empty"),
        (one('kind = "cost"'), "the cost must be changed by one of scale and add, but is neither"),
        (one('kind = "cost"\nscale = 1\npart = "fuel"'), "part must be one of total, direct, handling, failure"),
        (one('kind = "forbid"'), "forbid must be told which candidates, but is told none"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BadScenario) as caught:
        parse_scenario(text)
    assert said in str(caught.value)


def test_the_message_names_the_file_and_which_change(tmp_path: Path) -> None:
    """The second change is the wrong one."""
    file = tmp_path / "bad.toml"
    file.write_text(one('kind = "planners"\nscale = 1\n[[change]]\nkind = "budget"\nscale = -1'))
    with pytest.raises(BadScenario, match=r"bad\.toml: \[\[change\]\] 2 \(budget\): scale must be 0 or more"):
        read_scenario(file)
    with pytest.raises(NotThere, match="there is no file of changes"):
        read_scenario(tmp_path / "none.toml")
    file.write_bytes(b"\xff")
    with pytest.raises(BadScenario, match="cannot be read"):
        read_scenario(file)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_keys_of_its_own_and_no_doubles(kind: str) -> None:
    """The name under which it is listed is its own, and ``kind`` is not among its keys."""
    keys = keys_of(KINDS[kind])
    assert KINDS[kind].kind == kind
    assert len(keys) == len(set(keys)) > 0
    assert "kind" not in keys
