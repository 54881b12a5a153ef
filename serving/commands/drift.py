"""``lanewise drift``: whether models in service can still be trusted, in money first."""

from datetime import datetime
from typing import Annotated

import typer

from domain.moment import format_moment
from domain.predictions import ModelName
from serving.commands.opening import settings_of
from serving.commands.options import MODELS, Data, Home, Html, Json, model_name, moment
from serving.commands.report import Report, json_bytes, progress, writable
from store.atomic import write_atomically

Models = Annotated[
    list[ModelName] | None,
    typer.Option(
        "--model", metavar=MODELS, parser=model_name, help="A model to look at; by default every one in service."
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", metavar="TIME", parser=moment, help="Look at what was known by this moment."),
]


def drift(
    data: Data,
    model: Models = None,
    as_of: AsOf = None,
    html: Html = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Tell what models in service cost by having drifted, and raise alarms where outcomes contradict them.

    Subjects since the end of training are predicted again as of their own moments, and their outcomes followed in the
    order in which they became known. What is found is kept in var/drift, where a service reads it; a look back with
    --as-of does not replace a later one.
    """
    assert home is not None
    report, settings = Report(json_file), settings_of(home)
    page = None if html is None else writable(html, home)
    from decisions.pricing import costs_in_force
    from store.dataset import open_dataset
    from store.health import health_file, later_look, write_health
    from store.lock import home_lock
    from training.drift.health import health_of, looked_at
    from training.drift.page import page_of

    dataset = open_dataset(data)
    costs = costs_in_force(dataset.manifest.costs, settings.costs)
    names = looked_at(dataset, home, model or ())
    progress(f"looking at {', '.join(names)}")
    found = [health_of(dataset, home, name, costs, settings.drift, as_of) for name in names]
    with home_lock(home):
        for one in found:
            if later := later_look(home, one.name, one.version, as_of):
                progress(f"{one.name}: what was found by {format_moment(later)} stays in {health_file(home, one.name)}")
            else:
                write_health(home, one.name, json_bytes(one.as_json()))
    if page is not None:
        write_atomically(page, page_of(found).encode())
    report.show("\n".join(one.summary() for one in found), {"models": [one.as_json() for one in found]})
