"""The joint solver: from prices to a plan, and from a plan to a proof that it is near the best.

1. :mod:`prices <optimization.joint.prices>`: shadow prices, and with them a bound;
2. :mod:`insertion <optimization.joint.insertion>`, :mod:`ejection <optimization.joint.ejection>` and
   :mod:`repair <optimization.joint.repair>`: a plan that meets every row;
3. a small problem whole, which proves most of them at once;
4. in rounds of growing blocks, until the gap is certified, the plan is proven best, or the effort is spent:
   :mod:`refinement <optimization.joint.refinement>` of :mod:`blocks <optimization.joint.blocks>` for the
   bound and the plan, :mod:`neighbourhoods <optimization.joint.neighbourhood>` for the plan, and where rows
   are shared by candidates that take of little else, :mod:`exchange <optimization.joint.exchange>`,
   a :mod:`beam search <optimization.joint.packing_beam>` over all rows and
   :mod:`repacking <optimization.joint.packing>` of some.
"""

from dataclasses import dataclass, replace

import numpy as np

from optimization.arrays import Arrays, Floats, Ints
from optimization.effort import LOOKED, Effort, Watch, nobody_watches
from optimization.joint.blocks import partition
from optimization.joint.bound import Priced, priced
from optimization.joint.ejection import improve
from optimization.joint.exchange import exchange
from optimization.joint.insertion import insert
from optimization.joint.neighbourhood import Search
from optimization.joint.packing import FEW, repack
from optimization.joint.packing_beam import SHARED, pack
from optimization.joint.prices import Annealing, ascend
from optimization.joint.refinement import refine
from optimization.joint.repair import repair
from optimization.joint.state import FREE, State, start

SMALL = 500
"""Candidates up to which the whole problem is tried before anything is searched."""
SMALLEST = 300
"""Most cases of a block in the first round."""
GROWTH = 3
"""How much larger blocks are in each round."""
BLOCK_NODES = 200
"""Branch-and-bound nodes for one block of a round, and for the whole problem at first."""
FEWEST = 40
"""Cases of the smallest neighbourhood."""
CORE = 1.35
"""Candidates for each case that compete when all cases are free."""
COMPETING = (1.6, 1.35, 2.0, 3.0)
"""Candidates for each case that compete in a round of neighbourhoods: these in turn."""
SEARCHES = 4
"""Rounds of neighbourhoods between two attempts at the whole problem."""
LOOKS = 300_000
"""Entries of rows' lists that one exchange search looks at, for each case."""
PACKED, MANY, LONGER = 900_000, 100, 5
"""Entries that the first repacking looks at, for each case up to MANY, and how often that doubles at most."""
BEAM = 20
"""Steps that the first beam search takes, for each case."""
ALONE = 1.5
"""Rows that a candidate takes of, on average, up to which exchange is tried: room in one row is then all it needs."""
NEAR = 0.05
"""Gap up to which exchange comes before neighbourhoods where few cases share a row; beyond it they mend faster."""
PERSISTENCE = 2
"""Exchange searches without gain, each twice as long as the last, after which something else is tried."""
PATIENCE = 12
"""Rounds without any gain after which the search ends."""


@dataclass(frozen=True, eq=False)
class Found:
    """A plan and its proof.

    Attributes
    ----------
    chosen
        (C,) candidate of each case.
    objective
        Cents.
    bound
        Cents that no plan can cost less than.
    priced
        The prices, with their own bound.
    """

    chosen: Ints
    objective: int
    bound: int
    priced: Priced

    @property
    def gap(self) -> float:
        """(objective − bound) / max(1, |objective|)."""
        return (self.objective - self.bound) / max(1, abs(self.objective))


def find_prices(arrays: Arrays, effort: Effort, prices: Floats | None = None) -> Priced:
    """Shadow prices and the bound they prove, from nothing or from earlier prices."""
    annealing = Annealing()
    effort.sweeps(len(arrays.use_row), annealing.sweeps)
    return priced(arrays, ascend(arrays, annealing, prices))


def first_plan(arrays: Arrays, prices: Priced, effort: Effort, earlier: Ints | None = None) -> Ints | None:
    """Make a plan that meets every row, from nothing or from an earlier one (C,); ``None`` where none was found."""
    return meet_all_rows(arrays, prices, _nearly(arrays, prices, effort, earlier), effort)


def _nearly(arrays: Arrays, prices: Priced, effort: Effort, earlier: Ints | None) -> Ints:
    """(C,) a choice that meets all rows but the wide ones, where every case fits."""
    state = start(arrays, prices.cents, earlier)
    insert(state)
    effort.moves(improve(state))
    serve_everybody(state)
    return state.choice


def serve_everybody(state: State) -> None:
    """Give cases that nothing fits what costs least at the prices; repair has to make room."""
    without = np.flatnonzero(state.choice == FREE)
    state.choice[without] = state.by_reduced[state.arrays.starts[without]]


def meet_all_rows(arrays: Arrays, prices: Priced, choice: Ints, effort: Effort) -> Ints | None:
    """Repair a choice (C,) and improve what came of it; ``None`` where rows remain broken."""
    state = start(arrays, prices.cents, choice, keep_wide=True)
    whole, weighed = repair(state)
    effort.moves(weighed)
    if not whole:
        return None
    effort.moves(improve(state))
    return state.choice


def near_best(
    arrays: Arrays, found: Found, gap: float, effort: Effort, seed: int = 0, watch: Watch = nobody_watches
) -> Found:
    """Refine a plan in rounds until the gap is certified or the effort is spent; ``watch`` is told of each gain."""
    run = _Run(arrays, gap, effort, np.random.default_rng(seed), found, watch)
    largest = SMALLEST
    run.sharpen()
    run.settle()
    if run.few_share and run.found.gap <= NEAR:
        run.exchange()
    while largest < arrays.cases and not run.done:
        run.strengthen(largest, BLOCK_NODES)
        run.search(largest)
        largest *= GROWTH
    for step in (run.exchange, run.search_core) if run.few_share else (run.search_core, run.exchange):
        step()
    run.finish()
    return run.found


@dataclass
class _Run:
    """A search under way; each step ends at once when the gap is certified or the effort spent."""

    arrays: Arrays
    gap: float
    effort: Effort
    rng: np.random.Generator
    found: Found
    watch: Watch
    round: int = 0
    packed: int = 0
    repacked: int = 0
    packs: bool = True

    def __post_init__(self) -> None:
        self._take(self.found)

    @property
    def done(self) -> bool:
        return self.found.gap <= self.gap or self.effort.over

    @property
    def few_share(self) -> bool:
        """Whether few cases share a row, so that packing rows anew gains most."""
        return self.arrays.cases <= SHARED * self.arrays.rows

    def finish(self) -> None:
        """Neighbourhoods and the whole problem in turn, the latter with more nodes each time."""
        nodes, idle = BLOCK_NODES, 0
        while not self.done and idle < PATIENCE:
            before, spent = self.found, self.effort.spent
            for _ in range(SEARCHES):
                self.search(int(self.rng.integers(FEWEST, max(FEWEST, self.arrays.cases * 3 // 4) + 1)))
            self.exchange()
            searched = self.effort.spent
            self.strengthen(self.arrays.cases, nodes)
            idle = 0 if self.found is not before else idle + 1
            cost = max(1, self.effort.spent - searched)
            nodes = max(1, min(4 * nodes, nodes * self.effort.left // cost))
            if self.effort.spent == spent:
                break

    def sharpen(self) -> None:
        """Prices nearer to their optimum."""
        if self.done:
            return
        better = find_prices(self.arrays, self.effort, self.found.priced.cents)
        if better.value > self.found.priced.value:
            self._take(replace(self.found, priced=better, bound=max(self.found.bound, better.bound)))

    def settle(self) -> None:
        """The whole problem at once where it is small: most are proven so before any search."""
        if len(self.arrays.cost) <= SMALL:
            self.strengthen(self.arrays.cases, BLOCK_NODES)

    def strengthen(self, largest: int, nodes: int) -> None:
        """Solve blocks exactly: their bound, and their choice where it makes a better plan."""
        if self.done:
            return
        found, arrays = self.found, self.arrays
        blocks = partition(arrays, found.priced, found.chosen, largest)
        slack = self.gap * abs(found.objective) / 4
        refined = refine(arrays, found.priced, blocks, found.chosen, slack, min(nodes, self.effort.left), self.effort)
        bound = -(-refined.value // found.priced.scale)
        if bound > found.bound:
            self._take(replace(found, bound=bound))
        self._offer(meet_all_rows(arrays, found.priced, refined.chosen, self.effort))

    def exchange(self) -> None:
        """Exchange, beam search and repacking where cases are few and take of few rows, longer after no gain."""
        arrays, idle = self.arrays, 0
        crowded = arrays.cases <= SMALLEST * GROWTH and len(arrays.use_row) <= ALONE * len(arrays.cost)
        while crowded and idle < PERSISTENCE and not self.done:
            before = self.found
            looks = min(LOOKS * arrays.cases << idle, LOOKED * self.effort.left)
            state = start(arrays, before.priced.cents, before.chosen, keep_wide=True)
            chosen, looked = exchange(state, looks, self.rng, lambda: self.effort.timed_out)
            self.effort.looks(looked)
            self._offer(chosen)
            self.pack()
            self.repack(self.found.chosen if chosen is None else chosen)
            idle = 0 if self.found is not before else idle + 1

    def pack(self) -> None:
        """All rows packed anew, each time with twice the effort; where many cases share a row, while that gains."""
        if self.done or not self.packs:
            return
        state = start(self.arrays, self.found.priced.cents, self.found.chosen, keep_wide=True)
        looks = LOOKED * min(BEAM * self.arrays.cases << self.packed, self.effort.left)
        better, looked = pack(state, looks, lambda: self.effort.timed_out)
        self.effort.looks(looked)
        self._offer(better)
        self.packed += 1
        self.packs = better is not None or self.arrays.cases <= FEW * self.arrays.rows

    def repack(self, chosen: Ints) -> None:
        """Repack rows from a choice (C,) that meets all of them, each time with twice the effort."""
        if self.done:
            return
        state = start(self.arrays, self.found.priced.cents, chosen, keep_wide=True)
        most = PACKED * min(self.arrays.cases, MANY) << min(self.repacked, LONGER)
        looks = min(most, LOOKED * self.effort.left)
        better, looked = repack(state, looks, self.rng, lambda: self.effort.timed_out)
        self.repacked += 1
        self.effort.looks(looked)
        self._offer(better)

    def search_core(self) -> None:
        """All cases free among the few candidates with least regret, where that is no large problem."""
        if self.arrays.cases <= SMALLEST * GROWTH:
            self._free([np.arange(self.arrays.cases)], CORE)

    def search(self, largest: int) -> None:
        """One round of neighbourhoods: blocks put together at random until they hold ``largest`` cases."""
        self._free(_neighbourhoods(self.arrays, self.found, largest, self.rng), COMPETING[self.round % len(COMPETING)])
        self.round += 1

    def _free(self, neighbourhoods: list[Ints], competing: float) -> None:
        """Set the cases of each neighbourhood free in turn."""
        if self.done:
            return
        found, arrays = self.found, self.arrays
        search = Search(arrays, found.priced.regret(arrays.case), found.chosen.copy(), arrays.used(found.chosen))
        tolerance = _tolerance(search.regret, competing * arrays.cases)
        left = found.objective - found.bound - self.gap * abs(found.objective)
        for cases in neighbourhoods:
            if left <= 0 or self.effort.over:
                break
            nodes = min(BLOCK_NODES, self.effort.left)
            gained, steps = search.free(cases, tolerance, nodes, max(left / 100, 0.5), self.effort.seconds_left)
            self.effort.solver(max(steps, 1))
            left -= gained
        self._offer(search.chosen)

    def _offer(self, chosen: Ints | None) -> None:
        """Take another plan (C,) if it costs less."""
        objective = self.found.objective if chosen is None else self.arrays.objective(chosen)
        if chosen is not None and objective < self.found.objective:
            self._take(replace(self.found, chosen=chosen.copy(), objective=objective))

    def _take(self, found: Found) -> None:
        self.found = found
        self.watch(self.effort.spent, found.objective, found.bound)


def _tolerance(regret: Floats, competing: float) -> float:
    """Cents of regret up to which about so many candidates compete."""
    within = min(int(competing), len(regret)) - 1
    return float(np.partition(regret, within)[within])


def _neighbourhoods(arrays: Arrays, found: Found, largest: int, rng: np.random.Generator) -> list[Ints]:
    """Blocks in random order, cut into runs of about ``largest`` cases, each ascending."""
    block = partition(arrays, found.priced, found.chosen, max(1, largest // 2)).block
    order = np.argsort(rng.permutation(int(block.max()) + 1)[block], kind="stable")
    return [np.sort(part) for part in np.split(order, range(largest, len(order), largest))]
