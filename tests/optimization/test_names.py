"""Names are found where they stand, and uses listed from both sides."""

from random import Random

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from optimization.incidence import Listing, listed, turned
from optimization.names import UNKNOWN, Names

TEXTS = st.lists(st.text(max_size=3), max_size=30)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_name_is_found_at_its_first_place(known: list[str], asked: list[str]) -> None:
    """As a dictionary finds it, whatever the bytes, and however often it is asked for in a row."""
    names = Names.of(pd.Series(known, dtype="str"))
    first = {name: place for place, name in reversed(list(enumerate(known)))}
    expected = [first.get(name, UNKNOWN) for name in asked + known]
    assert expected == names.places(pd.Series(asked + known, dtype="str")).tolist()
    assert known == [names.name(place) for place in range(len(known))]
    assert (len(set(known)) == len(known)) == names.unique


def test_a_column_in_pieces_is_read_as_one() -> None:
    """Arrow may hold a column in chunks, or as a part of a larger one."""
    pieces = pd.concat([pd.Series(["x", "é"], dtype="str"), pd.Series(["", "long name"], dtype="str")])
    names = Names.of(pieces.iloc[1:])
    assert names.places(pieces).tolist() == [UNKNOWN, 0, 1, 2]


@settings(deadline=None)
@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=20), st.randoms())
def test_uses_are_listed_from_both_sides(pairs: set[tuple[int, int]], shuffle: Random) -> None:
    """Turned, and turned back, a listing holds the same uses, each side's places ascending."""
    uses = list(pairs)
    shuffle.shuffle(uses)
    side, other = (np.array([use[k] for use in uses], np.int32) for k in (0, 1))
    amount = 10 * side.astype(np.int64) + other
    by_other = turned(listed(side, other, amount, 6), 5)
    by_side = turned(by_other, 6)
    assert sorted(pairs) == _pairs(by_side)
    assert sorted((o, s) for s, o in pairs) == _pairs(by_other)
    assert [10 * s + o for s, o in _pairs(by_side)] == by_side.amount.tolist()


def _pairs(listing: Listing) -> list[tuple[int, int]]:
    place = np.repeat(np.arange(len(listing.start) - 1), np.diff(listing.start))
    return list(zip(place.tolist(), listing.other.tolist(), strict=True))
