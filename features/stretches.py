"""Questions cut into two stretches of time, so that two threads answer them.

Cut by entities instead, each thread would go through all rows, and write its part of every answer to memory far apart.
"""

from bisect import bisect_left

from features.kernel import Asked
from features.known import count_known
from features.records import Moments

QUESTION = 3
"""What a question costs, in events."""


def in_stretches(asked: Asked, known: Moments, held: int) -> list[Asked]:
    """Two stretches that take about as long as each other, or all in one where two would save little.

    The later one has to learn what became known before it as well. So with E(m) events before question m of n, and
    costs of 1 and c, the cut is where E(m) + c·m = E(n) + c·(n − m).

    Parameters
    ----------
    known
        Shape (events,), ascending: when each event became known.
    held
        Sums to be copied, that both may start from them.
    """
    questions = asked.as_of.size

    def events(question: int) -> int:
        return count_known(known, int(asked.as_of[question]))

    if not questions or events(questions - 1) + held > 2 * questions:
        return [asked]
    both = events(questions - 1) + QUESTION * questions
    cut = bisect_left(range(questions), both, key=lambda question: events(question) + 2 * QUESTION * question)
    return [_part(asked, slice(cut)), _part(asked, slice(cut, questions))]


def _part(asked: Asked, some: slice) -> Asked:
    return Asked(asked.as_of[some], asked.slots[some], asked.places[some])
