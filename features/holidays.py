"""Public holidays of a country, as a table with a cell for each day: one day costs what a million do each."""

import warnings
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from features.records import Floats
from features.zones import FIRST_YEAR, LAST_YEAR

MOST_DAYS = 3
"""All days farther off are alike, or the distance would tell the date."""


def days_since_1970(day: date) -> int:
    """A date as a number, as arrays hold it."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


BEGIN, END = (days_since_1970(date(year, 1, 1)) for year in (FIRST_YEAR, LAST_YEAR))


def holidays_around(days: NDArray[np.int64], country: str) -> tuple[Floats, Floats]:
    """Whether a day is a public holiday, and how far it is from the nearest.

    Parameters
    ----------
    days
        Local dates as days since 1970, any shape.
    country
        ISO 3166-1 alpha-2 code.

    Returns
    -------
    tuple of arrays
        Shaped as ``days``: 0 or 1; days since the nearest holiday, negative before it, −:data:`MOST_DAYS` to
        :data:`MOST_DAYS`; of two as near the coming one counts. NaN in years of which no holidays are known.
    """
    is_holiday, distance = _tables(country)
    place = days - (BEGIN - 1)
    return is_holiday.take(place, mode="clip"), distance.take(place, mode="clip")


def holidays_of(country: str) -> dict[int, list[date]]:
    """National public holidays with their substitute days, by year; a year that is not fully known is left out."""
    import holidays

    found = {}
    for year in range(FIRST_YEAR, LAST_YEAR):
        # The library warns of a year in which it does not know those that follow the moon.
        with warnings.catch_warnings(record=True) as doubts:
            warnings.simplefilter("always")
            dates = list(holidays.country_holidays(country, years=year))
        if dates and not doubts:
            found[year] = dates
    return found


@lru_cache(maxsize=32)
def _tables(country: str) -> tuple[Floats, Floats]:
    """Both answers for each day of all years, between a day before and a day after that are unknown."""
    by_year = holidays_of(country)
    days = np.arange(BEGIN - 1, END + 1)
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    known = np.isin(years, list(by_year))
    distance = _distance(days, sorted({days_since_1970(day) for dates in by_year.values() for day in dates}))
    return np.where(known, distance == 0, np.nan), np.where(known, distance, np.nan)


def _distance(days: NDArray[np.int64], holidays: list[int]) -> NDArray[np.int64]:
    """Days since the nearest of sorted holidays, the coming one where two are as near."""
    far = np.iinfo(np.int32)
    ends = np.array([far.min, *holidays, far.max])
    place = np.searchsorted(ends, days)
    coming, passed = days - ends[place], days - ends[place - 1]
    return np.asarray(np.clip(np.where(-coming <= passed, coming, passed), -MOST_DAYS, MOST_DAYS))
