"""Ids of a problem and the places they stand for, each found in microseconds."""

from dataclasses import dataclass

import pyarrow as pa

from domain.errors import NotThere
from optimization.problem import Problem


@dataclass(frozen=True, eq=False)
class Names:
    """Ids by place, and places by id.

    Attributes
    ----------
    cases, rows
        By id.
    case_ids, row_ids
        By place; an exclusion's row is called after both of its actions.
    actions
        By place; an Arrow array, because there are many.
    """

    cases: dict[str, int]
    case_ids: list[str]
    rows: dict[str, int]
    row_ids: list[str]
    actions: pa.Array

    @staticmethod
    def of(problem: Problem) -> "Names":
        """Index a problem's ids."""
        pairs = problem.exclusions.itertuples(index=False, name=None)
        resources: list[str] = problem.resources["resource_id"].tolist()
        return Names(
            cases={name: place for place, name in enumerate(problem.case_ids)},
            case_ids=problem.case_ids,
            rows={name: place for place, name in enumerate(resources)},
            row_ids=resources + [f"{one} excludes {other}" for one, other in pairs],
            actions=pa.array(problem.candidates["action_id"], pa.large_string()),
        )

    def case(self, case_id: str) -> int:
        """The place of a case; ``NotThere`` where there is none."""
        place = self.cases.get(case_id)
        if place is None:
            raise NotThere(f"there is no case {case_id!r} among the {len(self.cases):,} of this problem")
        return place

    def row(self, resource_id: str) -> int:
        """The place of a resource; ``NotThere`` where there is none."""
        place = self.rows.get(resource_id)
        if place is None:
            raise NotThere(f"there is no resource {resource_id!r} among the {len(self.rows):,} of this problem")
        return place

    def action(self, place: int) -> str:
        """The id of a candidate."""
        name: str = self.actions[place].as_py()
        return name

    def candidate(self, action_id: str, first: int, last: int) -> int:
        """The place of an action among a case's candidates; ``NotThere`` lists them."""
        names = self.actions[first:last].to_pylist()
        if action_id not in names:
            raise NotThere(f"this case has no action {action_id!r}; it has {', '.join(names)}")
        return first + int(names.index(action_id))
