"""``lanewise what-if`` through the command line: a plan, a problem folder, several files, and what is refused."""

import json
import re
from pathlib import Path

import pytest

from decisions.plan_file import write_plan
from decisions.planner import make_plan
from governance.policy import load_policy
from optimization.scenarios.kinds import KINDS
from optimization.scenarios.reading import keys_of
from tests.decisions.network import AS_OF, at, tiny_network, tiny_scoring
from tests.serving.cli.command import REPOSITORY, Here

DOWN = 'name = "slow is down"\nnote = "Strike."\n[[change]]\nkind = "carrier_down"\ncarrier = "slow"\n'
ILL = 'name = "planners ill"\n[[change]]\nkind = "planners"\nscale = 0\n'
NOBODY = 'name = "C9 is down"\n[[change]]\nkind = "carrier_down"\ncarrier = "C9"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plan and three files of changes, as the current one."""
    network = tiny_network()
    network.rows["capacity"] = [
        {"resource_id": "shift", "kind": "review_min", "amount": 30.0, "from_at": at(-1), "until_at": at(7)}
    ]
    made = make_plan(network, tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]
    write_plan(made.plan, made.problem, tmp_path / "PLAN.json")
    for name, text in (("down", DOWN), ("ill", ILL), ("nobody", NOBODY)):
        (tmp_path / f"{name}.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_scenarios_stand_side_by_side(folder: Path, lanewise: Here) -> None:
    """One line each beside the plan, then what each change did, what binds, who changes, who is at risk."""
    said = lanewise("what-if", "PLAN.json", "down.toml", "ill.toml")
    assert (said.code, said.err) == (0, "")
    head, columns, *lines = said.out.splitlines()
    assert head == "tiny as of 2026-03-02T08:00:00Z: 2 scenarios, money in USD"
    assert columns.split()[:4] == ["scenario", "cases", "cost", "more"]
    assert [line.split("  ")[0] for line in lines[:3]] == ["as planned", "slow is down", "planners ill"]
    assert "slow is down: Strike." in lines
    assert "  assumed: 3, the factor on the failure cost of a load that stays with a carrier that is down" in said.out
    assert "  planners: review_min: minutes × 0; hi 30 → 0" in lines
    assert "else " in said.out


def test_figures_are_the_same_again_but_for_the_time(folder: Path, lanewise: Here) -> None:
    """Every changed case with both actions and costs; the difference and what is certified of it."""
    asked = ("what-if", "PLAN.json", "down.toml", "ill.toml", "--json", "-")
    first, again = lanewise(*asked).json, lanewise(*asked).json
    assert first.pop("timings")["total_s"] > 0
    again.pop("timings")
    assert first == again
    ill = first["scenarios"][1]
    base = first["base"]["objective_cents"]
    assert ill["more"]["cost_cents"] == ill["objective_cents"] - base
    assert ill["more"]["at_least_cents"] <= ill["more"]["cost_cents"] <= ill["more"]["at_most_cents"]
    assert ill["at_once_cents"] <= ill["bound_cents"] <= ill["objective_cents"]
    assert all(set(one) >= {"case_id", "before", "after", "cost_before_cents"} for one in ill["changed"])
    assert first["asked"]["data"]["name"] == "tiny"


def test_a_page_is_written_beside(folder: Path, lanewise: Here) -> None:
    """Self-contained; the plan and its problem stay as they were."""
    before = (folder / "PLAN.json").read_bytes()
    assert lanewise("what-if", "PLAN.json", "ill.toml", "--html", "page.html", "--json", "figures.json").code == 0
    assert "<h1>What if?</h1>" in (folder / "page.html").read_text()
    assert json.loads((folder / "figures.json").read_text())["scenarios"][0]["name"] == "planners ill"
    assert (folder / "PLAN.json").read_bytes() == before


def test_a_change_that_matches_nothing_is_told(folder: Path, lanewise: Here) -> None:
    """It is no error: the same file may be asked of many plans."""
    said = lanewise("what-if", "PLAN.json", "nobody.toml")
    assert said.code == 0
    assert "C9 has no load here and is offered none; as a carrier there is only slow (changes nothing)" in said.out
    assert "0 cases get another action" in said.out


def test_a_problem_folder_is_asked_by_its_ids(folder: Path, lanewise: Here) -> None:
    """Solved first, in cents; gap and effort may be given."""
    said = lanewise("what-if", "PLAN.d", "ill.toml", "--gap", "0.01", "--effort", "500", "--home", folder)
    assert said.code == 0
    assert said.out.startswith("PLAN.d: 1 scenario, money in cents")
    refused = lanewise("what-if", "PLAN.d", "down.toml", "--home", folder)
    assert refused.code == 1
    assert "scenario 'slow is down': [[change]] 1 (carrier_down): needs a plan" in refused.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "x"\n[[change]]\nkind = "strike"\n', "bad.toml: [[change]] 1 kind must be one of carrier_down,"),
        (
            'name = "x"\n[[change]]\nkind = "planners"\nhours = 1\n',
            "has the unknown key 'hours'; it may hold kind, set,",
        ),
        ('name = "x"\n[[change]]\nkind = "forbid"\ncase = "*"\n', "leaves no action for case 'S1' and 5 more"),
        (
            'name = "x"\n[[change]]\nkind = "capacity"\nresource = "review_min"\nbound = "lo"\nset = 999\n',
            "leaves 'review_min' with lo 999 above hi 30",
        ),
        ('name = "planners ill"\n[[change]]\nkind = "planners"\nscale = 1\n', "two scenarios are named 'planners ill'"),
    ],
)
def test_what_cannot_be_is_one_message(text: str, said: str, folder: Path, lanewise: Here) -> None:
    """Exit 1, nothing on standard output, no page."""
    (folder / "bad.toml").write_text(text)
    ended = lanewise("what-if", "PLAN.json", "ill.toml", "bad.toml", "--html", "page.html")
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert not (folder / "page.html").exists()


def test_a_scenario_without_a_plan_is_told_beside_the_others(folder: Path, lanewise: Here) -> None:
    """Which row cannot be met; the others have their plans all the same."""
    floor = (
        'name = "spend"\n[[change]]\nkind = "capacity"\nresource = "premium_budget:[*]"\nbound = "lo"\nset = 400_000\n'
    )
    (folder / "floor.toml").write_text(floor)
    asked = ("what-if", "PLAN.json", "floor.toml", "ill.toml", "--html", "page.html")
    said = lanewise(*asked)
    assert (said.code, said.err) == (0, "")
    assert ": 2 scenarios, " in said.out
    reason = "the hard rows cannot all be met: resource 'premium_budget:*' needs at least 400000"
    assert f"  has no plan: {reason}" in said.out
    assert "There is no plan then: the hard rows cannot all be met" in (folder / "page.html").read_text()
    written = lanewise(*asked, "--json", "-").json
    assert [one["name"] for one in written["scenarios"]] == ["planners ill"]
    assert written["impossible"][0]["reason"].startswith(reason)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_kind_is_documented(kind: str) -> None:
    """In its row of docs/cli.md, or among the keys that say which candidates."""
    page = (REPOSITORY / "docs/cli.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{kind}` \|(.*)\|$", page, re.MULTILINE)
    (which,) = re.findall(r"^Which candidates: ((?:.*\n)*?)\n", page, re.MULTILINE)
    assert [key for key in keys_of(KINDS[kind]) if f"`{key}`" not in row + which] == []


def test_without_changes_it_is_wrong_usage(folder: Path, lanewise: Here) -> None:
    assert lanewise("what-if", "PLAN.json").code == 2
    assert lanewise("what-if", "NONE.json", "ill.toml").code == 1
