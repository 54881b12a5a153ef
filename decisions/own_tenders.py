"""What became of a load's own offers: who refused it, who has still to answer, who has it."""

from dataclasses import dataclass

import pandas as pd

from decisions.known_tables import KnownTables
from domain.codes import FAILED_OUTCOMES, TenderOutcome
from domain.moment import format_moment

NOT_AGAIN = FAILED_OUTCOMES | {TenderOutcome.OPEN}
"""What the last offer of a load to a carrier came to, where it is not offered to it again."""


@dataclass(frozen=True)
class OwnTender:
    """The last offer of a load to a carrier: at what price (``None``: unknown), when, and what it came to."""

    carrier_id: str
    outcome: str
    price: float | None
    offered_at: str
    respond_by: str | None


@dataclass(frozen=True)
class Standing:
    """Where a load's own offers stand.

    Attributes
    ----------
    accepted
        The last that was accepted, whose carrier has the load.
    waiting
        Those not answered yet.
    refused
        Of every carrier whose last offer failed (rejected, expired, conditional, counter-proposal), that one.
    """

    accepted: OwnTender | None = None
    waiting: tuple[OwnTender, ...] = ()
    refused: tuple[OwnTender, ...] = ()

    @property
    def settled(self) -> dict[str, str]:
        """Carriers that it is of no use to ask, with why: their offer was accepted, is open, or failed."""
        has = () if self.accepted is None else (self.accepted,)
        return {one.carrier_id: one.outcome for one in (*has, *self.waiting, *self.refused)}


def last_offers(known: KnownTables, shipments: pd.Series) -> pd.DataFrame:
    """The last offer of each of some loads to each carrier, in the order of offering; rows of ``tenders``."""
    offers = known.of_shipments("tenders", shipments).dropna(subset=["shipment_id", "carrier_id"])
    ordered = offers.sort_values(["offered_at", "tender_id"], kind="stable")
    return ordered.drop_duplicates(["shipment_id", "carrier_id"], keep="last")


def without_asked(known: KnownTables, found: pd.DataFrame) -> pd.DataFrame:
    """Carriers of loads (``shipment_id, carrier_id, …``) less those that refused that load or have still to answer."""
    offers = last_offers(known, found["shipment_id"].drop_duplicates())
    keys = ["shipment_id", "carrier_id"]
    spent = pd.MultiIndex.from_frame(offers.loc[offers["outcome"].isin(NOT_AGAIN), keys])
    return found[~pd.MultiIndex.from_frame(found[keys]).isin(spent)].reset_index(drop=True)


def standing(known: KnownTables, shipment_id: str) -> Standing:
    """Where the offers of one load stand."""
    offers = last_offers(known, pd.Series([shipment_id], dtype="str"))
    told = [_told(row) for _, row in offers.iterrows()]
    accepted = [one for one in told if one.outcome == TenderOutcome.ACCEPTED]
    return Standing(
        accepted[-1] if accepted else None,
        tuple(one for one in told if one.outcome == TenderOutcome.OPEN),
        tuple(one for one in told if one.outcome in FAILED_OUTCOMES),
    )


def _told(row: pd.Series) -> OwnTender:
    price, until = row["price"], row["respond_by"]
    return OwnTender(
        row["carrier_id"],
        str(row["outcome"]),
        None if pd.isna(price) else float(price),
        format_moment(row["offered_at"].to_pydatetime()),
        None if pd.isna(until) else format_moment(until.to_pydatetime()),
    )
