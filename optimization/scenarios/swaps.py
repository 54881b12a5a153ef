"""What swapping the action of one case costs while the rest of a plan stays as it is."""

from collections.abc import Iterator

from optimization.arrays import Arrays, Ints


class Swaps:
    """A choice and what it uses, for swaps one after the other.

    Parameters
    ----------
    arrays
        The problem.
    chosen
        (C,) candidate of each case; it meets every hard row.
    """

    def __init__(self, arrays: Arrays, chosen: Ints) -> None:
        self._arrays = arrays
        self._used = arrays.used(chosen)
        self.chosen = chosen.copy()

    def cost(self, case: int, candidate: int) -> int | None:
        """Cents more that the plan costs with another candidate; ``None`` where a hard row has no room for it."""
        arrays, more = self._arrays, int(self._arrays.cost[candidate] - self._arrays.cost[self.chosen[case]])
        for row, change in self._changes(case, candidate):
            before = int(self._used[row])
            after, lo, hi = before + change, int(arrays.lo[row]), int(arrays.hi[row])
            if (arrays.hard_lo[row] and after < lo) or (arrays.hard_hi[row] and after > hi):
                return None
            more += int(arrays.under[row]) * (max(0, lo - after) - max(0, lo - before))
            more += int(arrays.over[row]) * (max(0, after - hi) - max(0, before - hi))
        return more

    def make(self, case: int, candidate: int) -> None:
        """Swap."""
        for row, change in self._changes(case, candidate):
            self._used[row] += change
        self.chosen[case] = candidate

    def cheapest(self, case: int) -> tuple[int, int] | None:
        """The cheapest other candidate of a case that there is room for, and the cents more; ``None`` without one."""
        others = range(int(self._arrays.starts[case]), int(self._arrays.starts[case + 1]))
        costs = [
            (more, one) for one in others if one != self.chosen[case] and (more := self.cost(case, one)) is not None
        ]
        return min(costs)[::-1] if costs else None

    def _changes(self, case: int, candidate: int) -> Iterator[tuple[int, int]]:
        """Rows of which a swap uses more or less, and how much more."""
        change: dict[int, int] = {}
        for one, sign in ((int(self.chosen[case]), -1), (candidate, 1)):
            uses = slice(self._arrays.use_start[one], self._arrays.use_start[one + 1])
            for row, amount in zip(
                self._arrays.use_row[uses].tolist(), self._arrays.use_amount[uses].tolist(), strict=True
            ):
                change[row] = change.get(row, 0) + sign * amount
        yield from ((row, more) for row, more in change.items() if more)
