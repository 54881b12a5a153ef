"""``lanewise waterfall`` hands over what was asked and tells both ways; what it lacks is one message."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import decisions.bootstrap
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
    best = "  1. B                    1,050.00  refuses  25.0%  outside what was trained on: carrier B was never seen"
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


def test_without_a_tender_model_the_reason_is_told(lanewise: Here, house: House, tmp_path: Path) -> None:
    """One message, exit code 1."""
    house.answer = NotThere("there is no model network.tender_failure; run `lanewise train data`")
    said = lanewise("waterfall", "data", "s1", "--as-of", "2024-03-01T08:00Z", "--home", tmp_path)
    assert (said.code, said.out) == (1, "")
    assert "lanewise train data" in said.err
