"""Which candidates a change is about: patterns over what is known of them."""

from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from domain.errors import BadScenario
from optimization.scenarios.situation import Rows, Situation

Patterns = tuple[str, ...]
"""Names in which ``*`` stands for anything, ``?`` for one character and ``[…]`` for one of some; any may match."""

COLUMNS = {
    "case": "case_id",
    "candidate": "action_id",
    "action": "action",
    "new_carrier": "new_carrier_id",
    "carrier": "carrier_id",
    "origin": "origin_id",
    "destination": "destination_id",
    "customer": "customer_id",
    "customer_tier": "customer_tier",
    "business_unit": "business_unit",
    "mode": "mode",
    "stage": "stage",
    "exception_kind": "exception_kind",
}
"""Key → the column that its patterns are held against."""
OF_IDS = ("case", "candidate")
"""Keys that a problem without a plan can answer."""
SHOWN = 5
"""Values named where a pattern matches none."""


@dataclass(frozen=True)
class Where:
    """Candidates of which every key that is given matches; without keys, all of them.

    Attributes
    ----------
    case, candidate
        case_id and action_id.
    action, new_carrier
        Kind of the action; carrier that a re-tender goes to.
    carrier, origin, destination, customer, customer_tier, business_unit, mode, stage, exception_kind
        What the plan knows of the case.
    """

    case: Patterns = ()
    candidate: Patterns = ()
    action: Patterns = ()
    new_carrier: Patterns = ()
    carrier: Patterns = ()
    origin: Patterns = ()
    destination: Patterns = ()
    customer: Patterns = ()
    customer_tier: Patterns = ()
    business_unit: Patterns = ()
    mode: Patterns = ()
    stage: Patterns = ()
    exception_kind: Patterns = ()

    @property
    def given(self) -> dict[str, Patterns]:
        """Keys that are given, with their patterns."""
        return {item.name: patterns for item in fields(self) if (patterns := getattr(self, item.name))}

    @property
    def text(self) -> str:
        """The keys in words."""
        return ", ".join(f"{key} {' or '.join(patterns)}" for key, patterns in self.given.items()) or "everything"

    def rows(self, situation: Situation) -> Rows:
        """(n,) the candidates that are meant.

        Raises
        ------
        BadScenario
            If a key asks for what only a plan knows, and there is none.
        """
        found = np.ones(len(situation.candidates), bool)
        for key, patterns in self.given.items():
            found &= matching(column(situation, key), patterns)
        return found

    def missed(self, situation: Situation) -> str:
        """Why nothing matches: the first key that matches nowhere, with values that are there."""
        for key, patterns in self.given.items():
            values = column(situation, key)
            if not matching(values, patterns).any():
                return f"no {key} matches {' or '.join(patterns)}; there {some(values)}"
        return f"nothing is {self.text} at once" if self.given else "there are no cases"


def column(situation: Situation, key: str) -> pd.Series:
    """What a key's patterns are held against, one value a candidate."""
    if key not in OF_IDS and not situation.of_plan:
        raise BadScenario(f"{key} is known of plans only; a problem folder can be asked by {' and '.join(OF_IDS)}")
    return situation.candidates[COLUMNS[key]]


def matching(values: pd.Series, patterns: Patterns) -> Rows:
    """(n,) whether any pattern matches; nothing matches null."""
    known = [one for one in values.dropna().unique() if any(fnmatchcase(one, pattern) for pattern in patterns)]
    return np.asarray(values.isin(known), bool)


def some(values: pd.Series) -> str:
    """The first few of the values that are there, in words."""
    known = sorted(values.dropna().unique().tolist())
    if len(known) > SHOWN:
        return f"is {', '.join(known[:SHOWN])} and {len(known) - SHOWN:,} more"
    return f"is only {', '.join(known)}" if known else "is none"
