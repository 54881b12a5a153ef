"""``lanewise waterfall``: whom to offer a load next, and at what price, beside the present order."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.moment import format_moment
from serving.commands.opening import settings_of
from serving.commands.options import Data, Home, Json, moment
from serving.commands.report import Report

if TYPE_CHECKING:
    from decisions.own_tenders import OwnTender
    from decisions.waterfall import Asked, LoadWaterfall, Way


def waterfall(
    data: Data,
    shipment: Annotated[str, typer.Argument(metavar="SHIPMENT", help="A shipment_id that was known by then.")],
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", metavar="TIME", parser=moment, help="With what was known by then; by default DIR's cut-off."
        ),
    ] = None,
    carriers: Annotated[
        str,
        typer.Option("--carriers", metavar="A,B,…", help="Whom to ask, in the present order; by default the guide."),
    ] = "",
    spot: Annotated[
        float | None,
        typer.Option(
            "--spot", metavar="PRICE", help="Cost of the spot market, above 0; by default 62 % over contract."
        ),
    ] = None,
    notice_h: Annotated[
        float, typer.Option("--notice-h", help="Hours before pickup by which a carrier must have accepted.")
    ] = 2.0,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Find the best order and prices to offer a load at, and what the present order comes to."""
    assert home is not None
    report = Report(json_file)
    from decisions.bootstrap import open_home

    house = open_home(home, settings_of(home), data)
    named = [name for one in carriers.split(",") if (name := one.strip())]
    found = house.waterfall(shipment, as_of, named, spot, notice_h)
    report.show(_told(found), asdict(found) | {"as_of": format_moment(found.as_of)})


def _told(found: "LoadWaterfall") -> str:
    lines = [
        f"{found.shipment_id} as of {format_moment(found.as_of)}: {found.hours_left:.1f} h left to cover it, "
        f"spot reckoned at {found.spot:,.2f}",
        *_standing(found),
        *_way("best plan, as it goes when each answer takes its usual time", found.best),
        *_way("present order", found.guide),
    ]
    if found.left_out:
        lines.append(f"{found.left_out} more carriers of the lane were not looked at")
    return "\n".join(lines)


def _standing(found: "LoadWaterfall") -> Iterator[str]:
    """What became of the load's own offers, and who has other equipment; for each whether it is asked all the same."""
    asked = {one.carrier_id for one in found.guide.offers}
    if has := found.standing.accepted:
        yield (
            f"{has.carrier_id} accepted it{_price(has)}, offered {has.offered_at}: what follows is offering it away "
            "from there; what it costs to cancel is not counted"
        )
    for one in found.standing.waiting:
        until = "" if one.respond_by is None else f" until {one.respond_by}"
        yield (
            f"an offer to {one.carrier_id}{_price(one)} is open{until}, offered {one.offered_at}: what follows is "
            f"as if it were withdrawn now{_again(one.carrier_id in asked)}"
        )
    for one in found.standing.refused:
        yield (
            f"{one.carrier_id} refused it{_price(one)} ({one.outcome}), offered {one.offered_at}"
            f"{_again(one.carrier_id in asked) or ': left out'}"
        )
    if others := [one for one in found.other_equipment if one not in asked]:
        yield f"nothing for {found.equipment} is known of {', '.join(others)}: left out"
    if named := [one for one in found.other_equipment if one in asked]:
        yield f"nothing for {found.equipment} is known of {', '.join(named)}: asked, as named"


def _price(tender: "OwnTender") -> str:
    return "" if tender.price is None else f" at {tender.price:,.2f}"


def _again(asked: bool) -> str:
    return ": asked again, as named" if asked else ""


def _way(title: str, way: "Way") -> list[str]:
    said = way.figures
    offers = [
        f"  {place}. {one.carrier_id:16} {one.price:12,.2f}  refuses {one.p_fail:6.1%}{_doubt(one)}"
        for place, one in enumerate(way.offers, start=1)
    ]
    return [
        f"{title}:",
        *(offers or ["  go to the spot market at once"]),
        f"  P(covered) {said.p_covered:.1%}, {said.depth:.2f} offers, {said.hours_lost:.1f} h lost, "
        f"expected cost {said.cost:,.2f}",
    ]


def _doubt(one: "Asked") -> str:
    return "" if one.out_of_support is None else f"  outside of what is known: {one.out_of_support}"
