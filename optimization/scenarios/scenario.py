"""A named set of changes, applied one after the other."""

from dataclasses import dataclass, replace

import pandas as pd

from domain.errors import BadScenario
from optimization.assumptions import Assumption
from optimization.scenarios.change import Change, Step
from optimization.scenarios.situation import Situation


@dataclass(frozen=True)
class Told:
    """What one change did; ``matched`` is 0 where it changed nothing."""

    kind: str
    text: str
    matched: int


@dataclass(frozen=True, eq=False)
class Changed:
    """A situation after all changes, what each did, and the assumptions made."""

    situation: Situation
    told: tuple[Told, ...] = ()
    assumed: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A named set of changes.

    Attributes
    ----------
    name
        How it is called beside others.
    changes
        In the order in which they are applied.
    note
        What it is about, for people.
    """

    name: str
    changes: tuple[Change, ...] = ()
    note: str = ""

    def applied(self, situation: Situation) -> Changed:
        """Apply every change.

        Raises
        ------
        BadScenario
            If a change asks for what is not known, leaves a case without an action or a bound that cannot be
            kept; the message names the change.
        """
        changed = Changed(situation)
        for number, change in enumerate(self.changes, 1):
            try:
                step = _step(change, changed.situation)
            except BadScenario as error:
                raise BadScenario(f"scenario {self.name!r}: {place(number)} ({change.kind}): {error}") from None
            told = (*changed.told, Told(change.kind, step.text, step.matched))
            new = tuple(one for one in step.assumed if one not in changed.assumed)
            changed = replace(changed, situation=step.situation, told=told, assumed=changed.assumed + new)
        _refuse_crossed(self.name, changed.situation.resources)
        return changed


def place(number: int) -> str:
    """Where in its file the change with a number, from 1, stands."""
    return f"[[change]] {number}"


def _step(change: Change, situation: Situation) -> Step:
    if change.needs_plan and not situation.of_plan:
        raise BadScenario("needs a plan, which knows carriers, places and times; a problem folder knows ids only")
    step = change.apply(situation)
    _refuse_left_alone(situation.candidates["case_id"], step)
    return step


def _refuse_left_alone(before: pd.Series, step: Step) -> None:
    """A case may go as a whole, by demand; no other change may leave it without an action."""
    gone = sorted(set(before.unique()) - set(step.situation.candidates["case_id"].unique()))
    if gone and not step.cases_may_go:
        more = f" and {len(gone) - 1:,} more" if len(gone) > 1 else ""
        raise BadScenario(f"leaves no action for case {gone[0]!r}{more}; every case needs one")


def _refuse_crossed(scenario: str, resources: pd.DataFrame) -> None:
    """Bounds may cross between two changes, not after the last one."""
    crossed = resources[(resources["lo"] > resources["hi"]).fillna(False).astype(bool)]
    if len(crossed):
        row = crossed.iloc[0]
        raise BadScenario(
            f"scenario {scenario!r}: leaves {row['resource_id']!r} with lo {row['lo']} above hi {row['hi']}"
        )
