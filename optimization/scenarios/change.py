"""What every change of a scenario does: turn one situation into another, and tell what it did."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from domain.errors import BadScenario
from optimization.assumptions import Assumption
from optimization.scenarios.situation import Situation


@dataclass(frozen=True, eq=False)
class Step:
    """A changed situation.

    Attributes
    ----------
    text
        What the change did, in words.
    matched
        Candidates, cases or resources that it concerned; 0 = it changed nothing.
    assumed
        Assumptions of the catalogue that stood in for what the file does not say.
    cases_may_go
        Whether cases may have gone as a whole.
    """

    situation: Situation
    text: str
    matched: int
    assumed: tuple[Assumption, ...] = ()
    cases_may_go: bool = False


class Change(Protocol):
    """One change; a frozen dataclass that checks itself."""

    kind: ClassVar[str]
    needs_plan: ClassVar[bool]
    """Whether it needs what only a plan knows of its candidates."""

    def apply(self, situation: Situation) -> Step:
        """Change a situation; the given one stays as it is."""
        ...


def expect(holds: bool, key: str, expected: str, came: object) -> None:
    """Raise :class:`BadScenario` that says what was expected of a key and what came, unless ``holds``."""
    if not holds:
        raise BadScenario(f"{key} must be {expected}, but is {came}")


def counted(number: int, what: str) -> str:
    """``1 case``, ``2 cases``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
