"""Which carriers may be asked to move a load, and at what price: by the rates in force, else by what was seen."""

import pandas as pd

from decisions.equipment import suits
from decisions.known_tables import KnownTables

LANE = ["origin_id", "destination_id"]
KIND = [*LANE, "equipment"]
"""What tells which carriers and prices are a load's."""
FOUND = ["shipment_id", "carrier_id", "price", "sequence"]
SEEN_CARRIERS = 12
"""Carriers of a lane, most often seen first, that are looked at where there are no rates."""


def load_carriers(known: KnownTables, loads: pd.DataFrame) -> pd.DataFrame:
    """Carriers that may be asked for each load, one row each.

    They are those with a rate in force on the load's lane; on a lane without one, those seen there, at the median of
    the prices that they were offered there. Neither rates nor carriers that are known to have other equipment than the
    load needs are among them; equipment that is not known excludes nobody.

    Parameters
    ----------
    loads
        ``shipment_id`` and :data:`KIND` of n loads.

    Returns
    -------
    pandas.DataFrame
        :data:`FOUND`; price NaN where none is known, sequence (place in the routing guide) where there is none.
    """
    asked = loads[["shipment_id", *KIND]].dropna(subset=LANE)
    rated = _equipped(known, contract_prices(known, asked), asked)
    rest = asked[~asked["shipment_id"].isin(rated["shipment_id"])]
    if rest.empty:
        return rated.reset_index(drop=True)
    seen = _equipped(known, _seen(known, rest), rest)
    return pd.concat([rated, seen[seen.groupby("shipment_id").cumcount() < SEEN_CARRIERS]], ignore_index=True)


def contract_prices(known: KnownTables, loads: pd.DataFrame) -> pd.DataFrame:
    """The rate in force of each carrier for each load: :data:`FOUND`.

    A rate for the load's own equipment goes before one that names none; of several the lowest counts.
    """
    rates = rates_in_force(known).rename(columns={"equipment": "rated"})
    offered = loads[["shipment_id", *KIND]].merge(rates, on=LANE)
    fitting = offered[suits(offered["rated"], offered["equipment"])]
    general = fitting["rated"].isna() & fitting["equipment"].notna()
    order = ["shipment_id", "carrier_id", "general", "price", "sequence"]
    ranked = fitting.assign(general=general).sort_values(order, kind="stable")
    return ranked.drop_duplicates(["shipment_id", "carrier_id"])[FOUND].reset_index(drop=True)


def rates_in_force(known: KnownTables) -> pd.DataFrame:
    """Contract prices known and valid: ``origin_id, destination_id, carrier_id, equipment, sequence, price``."""
    rates, moment = known.table("rates"), pd.Timestamp(known.as_of)
    begun = rates["valid_from"].isna() | (rates["valid_from"] <= moment)
    over = rates["valid_until"].notna() & (rates["valid_until"] <= moment)
    return rates.loc[begun & ~over, [*LANE, "carrier_id", "equipment", "sequence", "price"]]


def _equipped(known: KnownTables, found: pd.DataFrame, loads: pd.DataFrame) -> pd.DataFrame:
    """Those whose carrier is not known to lack what the load needs."""
    carriers, needed = known.table("carriers").set_index("carrier_id"), loads.set_index("shipment_id")["equipment"]
    has = found["carrier_id"].map(carriers["equipment"])
    return found[suits(has, found["shipment_id"].map(needed))]


def _seen(known: KnownTables, loads: pd.DataFrame) -> pd.DataFrame:
    """Carriers seen on each load's lane with like equipment, most often first: :data:`FOUND`."""
    shipments = known.table("shipments")[["shipment_id", *KIND, "carrier_id"]].rename(columns={"equipment": "moved"})
    tenders = known.table("tenders")[["shipment_id", "carrier_id", "price"]]
    offered = tenders.merge(shipments, on="shipment_id", suffixes=("", "_planned"))
    others = offered[offered["carrier_id"] != offered["carrier_id_planned"]]
    planned, tried = (_counted(rows) for rows in (shipments, others.drop_duplicates(["shipment_id", "carrier_id"])))
    kinds, keys = loads[KIND].drop_duplicates(), [*KIND, "carrier_id"]
    often = _of_kinds(kinds, pd.concat([planned, tried])).groupby(keys, dropna=False, as_index=False)["size"].sum()
    prices = _of_kinds(kinds, offered).groupby(keys, dropna=False, as_index=False)["price"].median()
    found = loads.merge(often, on=KIND).merge(prices, on=keys, how="left")
    order = found.sort_values(["shipment_id", "size", "carrier_id"], ascending=[True, False, True])
    return order.assign(sequence=float("nan"))[FOUND].reset_index(drop=True)


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    """How many shipments each carrier was seen with on a lane, by equipment: ``size``."""
    seen = rows.dropna(subset=[*LANE, "carrier_id"])
    return seen.groupby([*LANE, "moved", "carrier_id"], dropna=False, as_index=False).size()


def _of_kinds(kinds: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of lanes as they count for each kind of load: those of the same equipment, or of unknown."""
    joined = kinds.merge(rows, on=LANE)
    return joined[suits(joined["moved"], joined["equipment"])]
