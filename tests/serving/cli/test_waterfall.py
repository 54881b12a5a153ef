"""``lanewise waterfall`` hands over what was asked and tells both ways; what it lacks is one message."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import decisions.bootstrap
from decisions.own_tenders import OwnTender, Standing
from decisions.waterfall import Asked, LoadWaterfall, Way
from domain.errors import NotThere
from models.waterfall import Figures
from tests.serving.cli.command import Here

AS_OF = datetime(2024, 3, 1, 8, tzinfo=UTC)
BEST = Way((Asked("B", 1_050.0, 0.25, "carrier B was never seen"),), Figures(1_200.5, 0.75, 1.0, 0.5))
GUIDE = Way((Asked("A", 1_000.0, 0.5), Asked("B", 1_000.0, 0.3)), Figures(1_300.0, 0.85, 1.5, 1.25))


@dataclass
class House:
    """Answers as it is told to, and keeps what it was asked."""

    answer: LoadWaterfall | NotThere
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def waterfall(self, *question: Any) -> LoadWaterfall:
        self.asked.append(question)
        if isinstance(self.answer, NotThere):
            raise self.answer
        return self.answer


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    made = House(LoadWaterfall("s1", AS_OF, 7.5, 1_700.0, BEST, GUIDE, 2))
    monkeypatch.setattr(decisions.bootstrap, "open_home", lambda *_: made)
    return made


def test_both_ways_are_told(lanewise: Here, house: House, tmp_path: Path) -> None:
    """Offers with price and refusal, figures of each way, and how many carriers were not looked at."""
    said = lanewise("waterfall", "data", "s1", "--as-of", "2024-03-01T08:00Z", "--home", tmp_path)
    assert said.code == 0
    assert "7.5 h left" in said.out
    best = "  1. B                    1,050.00  refuses  25.0%  outside of what is known: carrier B was never seen"
    assert best in said.out.splitlines()
    assert "  2. B                    1,000.00  refuses  30.0%" in said.out.splitlines()
    assert "P(covered) 85.0%, 1.50 offers, 1.2 h lost, expected cost 1,300.00" in said.out
    assert "2 more carriers" in said.out
    assert house.asked == [("s1", AS_OF, [], None, 2.0)]


def test_what_was_asked_is_handed_over(lanewise: Here, house: House, tmp_path: Path) -> None:
    """Carriers in their order, spot and notice; as JSON the same figures."""
    more = ("--carriers", "B, A,", "--spot", "900", "--notice-h", "4", "--json", "-", "--home", tmp_path)
    said = lanewise("waterfall", "data", "s1", "--as-of", "2024-03-01T08:00Z", *more)
    assert house.asked == [("s1", AS_OF, ["B", "A"], 900.0, 4.0)]
    assert said.json["best"]["figures"] == vars(BEST.figures)
    assert [one["carrier_id"] for one in said.json["guide"]["offers"]] == ["A", "B"]
    assert [one["out_of_support"] for one in said.json["best"]["offers"]] == ["carrier B was never seen"]
    assert said.json["as_of"] == "2024-03-01T08:00:00Z"


def test_without_a_moment_it_is_the_cut_off(lanewise: Here, house: House, tmp_path: Path) -> None:
    """As the README shows it: DIR and the shipment are enough; the house takes the data set's cut-off."""
    said = lanewise("waterfall", "data", "s1", "--home", tmp_path)
    assert said.code == 0
    assert house.asked == [("s1", None, [], None, 2.0)]
    assert "s1 as of 2024-03-01T08:00:00Z" in said.out


def test_what_became_of_the_loads_own_offers_is_told(lanewise: Here, house: House, tmp_path: Path) -> None:
    """Who refused, who has still to answer, who has it and what the answer then means; who has other equipment."""
    assert isinstance(house.answer, LoadWaterfall)
    at, until = "2024-03-01T07:00:00Z", "2024-03-01T08:30:00Z"
    refused = tuple(OwnTender(carrier, "expired", None, at, until) for carrier in ("A", "C"))
    own = Standing(OwnTender("D", "accepted", 990.0, at, None), (OwnTender("E", "open", 1_000.0, at, until),), refused)
    house.answer = replace(house.answer, equipment="reefer", other_equipment=("B", "F"), standing=own)
    said = lanewise("waterfall", "data", "s1", "--home", tmp_path)
    assert said.out.splitlines()[1:7] == [
        f"D accepted it at 990.00, offered {at}: what follows is offering it away from there; what it costs to cancel "
        "is not counted",
        f"an offer to E at 1,000.00 is open until {until}, offered {at}: what follows is as if it were withdrawn now",
        f"A refused it (expired), offered {at}: asked again, as named",
        f"C refused it (expired), offered {at}: left out",
        "nothing for reefer is known of F: left out",
        "nothing for reefer is known of B: asked, as named",
    ]
    answer = lanewise("waterfall", "data", "s1", "--json", "-", "--home", tmp_path).json
    assert answer["standing"]["accepted"]["carrier_id"] == "D"
    assert [one["carrier_id"] for one in answer["standing"]["waiting"]] == ["E"]
    assert [one["outcome"] for one in answer["standing"]["refused"]] == ["expired", "expired"]
    assert (answer["equipment"], answer["other_equipment"]) == ("reefer", ["B", "F"])


def test_without_a_tender_model_the_reason_is_told(lanewise: Here, house: House, tmp_path: Path) -> None:
    """One message, exit code 1."""
    house.answer = NotThere("there is no model network.tender_failure; run `lanewise train data`")
    said = lanewise("waterfall", "data", "s1", "--as-of", "2024-03-01T08:00Z", "--home", tmp_path)
    assert (said.code, said.out) == (1, "")
    assert "lanewise train data" in said.err
