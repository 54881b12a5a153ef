"""Whom a load's waterfall asks: those of its lane that suit it and have not been asked in vain, or those named."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from decisions.known_tables import KnownTables
from decisions.lane_carriers import KIND, load_carriers
from decisions.own_tenders import Standing
from domain.errors import NotThere

NAMING = ("carriers", "rates", "tenders", "shipments")
"""Tables that name carriers."""
MOST_SUGGESTED, LIKE_ENOUGH = 3, 0.6


@dataclass(frozen=True, eq=False)
class AskedCarriers:
    """Carriers in the order in which they are asked.

    Attributes
    ----------
    table
        ``carrier_id, price``, in order.
    lane_price
        Median price of the lane's carriers that suit the load, money; of those named where there is none.
    equipment
        What the load needs; ``None``: unknown.
    other_equipment
        Carriers of the lane without a price or without trailers for what the load needs.
    """

    table: pd.DataFrame
    lane_price: float
    equipment: str | None
    other_equipment: tuple[str, ...]


def asked_carriers(
    known: KnownTables, load: pd.DataFrame, standing: Standing, named: Sequence[str] = ()
) -> AskedCarriers:
    """Find whom to ask.

    Parameters
    ----------
    load
        One row of ``shipments``.
    standing
        Of the load's own offers; whom it settles is not asked, unless named.
    named
        Whom to ask instead, in that order; one without a price of its own stands at the lane's median.

    Raises
    ------
    NotThere
        If a name is in no table, or nobody with a price is left.
    """
    _check_names(known, named)
    loads = load[["shipment_id", *KIND]]
    suited = load_carriers(known, loads)
    every = _priced(suited)
    whole_lane = load_carriers(known, loads.assign(equipment=pd.Series(None, index=loads.index, dtype="str")))
    other = sorted(set(whole_lane["carrier_id"]) - set(suited["carrier_id"]))
    usual = float(every["price"].median()) if len(every) else np.nan
    prices = every.set_index("carrier_id")["price"]
    if named:
        prices = prices.reindex(list(dict.fromkeys(named))).fillna(usual).dropna()
    else:
        prices = prices[~prices.index.isin(list(standing.settled))]
    if prices.empty:
        raise NotThere(_nobody(load.iloc[0], len(every), standing, other))
    needs = load["equipment"].iloc[0]
    table = prices.rename_axis("carrier_id").reset_index()
    return AskedCarriers(table, usual, None if pd.isna(needs) else str(needs), tuple(other))


def _priced(suited: pd.DataFrame) -> pd.DataFrame:
    """Those of the lane's carriers that have a price, by their place in the guide, then by price."""
    return suited.dropna(subset=["price"]).sort_values(["sequence", "price", "carrier_id"], na_position="last")


def _check_names(known: KnownTables, named: Sequence[str]) -> None:
    there = {str(one) for table in NAMING for one in known.table(table)["carrier_id"].dropna().unique()}
    for name in named:
        if name not in there:
            raise NotThere(
                f"no carrier {name!r} is in the tables {', '.join(NAMING)} of {known.dataset.manifest.name} as known "
                f"by then{_suggestion(name, there)}"
            )


def _suggestion(name: str, there: set[str]) -> str:
    """The nearest names, whatever their case."""
    folded = {one.casefold(): one for one in sorted(there)}
    near = difflib.get_close_matches(name.casefold(), folded, MOST_SUGGESTED, LIKE_ENOUGH)
    return f"; did you mean {' or '.join(folded[one] for one in near)}?" if near else ""


def _nobody(load: pd.Series, priced: int, standing: Standing, other: Sequence[str]) -> str:
    needs = "" if pd.isna(load["equipment"]) else f" for {load['equipment']}"
    why = f"no carrier with a price{needs} is known on the lane {load['origin_id']} → {load['destination_id']} by then"
    if priced:
        why = f"all {priced} carriers known on the lane with a price{needs} were offered this load already"
        said = ", ".join(f"{carrier}: {outcome}" for carrier, outcome in sorted(standing.settled.items()))
        why += f" ({said}); name whom to ask again by --carriers"
    return why + (f"; left out for other equipment: {', '.join(other)}" if other else "")
