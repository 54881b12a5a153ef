"""What a plan prices with: the manifest's costs, else the settings' defaults, each said in the plan."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime

import numpy as np
import pandas as pd

from decisions.dock_hours import dock_hours
from decisions.known_tables import KnownTables
from decisions.lane_carriers import load_carriers
from decisions.open_cases import OpenCases
from decisions.own_fleet import own_fleet
from decisions.own_tenders import without_asked
from domain.errors import NotThere
from domain.manifest import Costs
from domain.params import CostParams, PlanParams
from domain.predictions import DENSE_LEVELS, ModelName, Scoring
from optimization.actions.action import Context, Reasons, first_reason
from optimization.assumptions import CATALOGUE, Assumption
from optimization.cost import Floats, LatenessTerms, expected_lateness_cost

UNITS = {
    "handling_per_min": "money/min",
    "late_per_min": "money/min",
    "per_impact_unit": "money/unit",
    "expedite_share": "share",
    "escalate_min": "min",
    "review_min_per_shift": "min",
}
"""Units of the costs that are not plain money."""


def costs_in_force(said: Costs, defaults: CostParams) -> CostParams:
    """The manifest's costs, and the settings' where it says nothing."""
    return replace(defaults, **{name: value for name, value in asdict(said).items() if value is not None})


def list_assumptions(used: Iterable[str], said: Costs, costs: CostParams) -> tuple[Assumption, ...]:
    """The assumptions behind the used names; a price that the manifest says is none."""
    listed = []
    for name in sorted(used):
        if not name.startswith("costs."):
            listed.append(CATALOGUE[name])
            continue
        key = name.removeprefix("costs.")
        if getattr(said, key, None) is None:
            unit = UNITS.get(key, "money")
            source = "setting, because the data set says nothing"
            listed.append(Assumption(name, getattr(costs, key), unit, f"cost setting {key}", source, ""))
    return tuple(listed)


def price_cases(
    cases: OpenCases,
    known: KnownTables,
    scoring: Scoring,
    params: PlanParams,
    costs: CostParams,
) -> tuple[pd.DataFrame, Context]:
    """Score every case as it stands, and build the context in which actions are proposed.

    Returns
    -------
    tuple
        The case table with its costliest open exception named, and the context.

    Raises
    ------
    NotThere
        If no model that could price a case is in service.
    """
    if not (scoring.has(ModelName.ETA_RISK) or scoring.has(ModelName.SEVERITY)):
        raise NotThere(
            "a plan needs an eta_risk or a severity model and none is in service; train one with `lanewise train DIR`"
        )
    as_of = known.as_of
    table, impact, of_exceptions = _with_costliest(cases, scoring, as_of, costs)
    terms = LatenessTerms(
        table["late_after_min"].to_numpy(float),
        table["late_penalty"].to_numpy(float),
        np.full(len(table), costs.late_per_min),
    )
    delays, of_delays = _delays(table, scoring, as_of)
    excess = np.maximum(impact - expected_lateness_cost(delays, terms), 0.0)
    carriers = without_asked(known, load_carriers(known, table.dropna(subset=["shipment_id"])))
    doubts = first_reason(of_delays, of_exceptions)
    told = Context(as_of, costs, scoring, terms, delays, excess, carriers, params.max_carriers, doubts)
    return table, replace(told, dock_hours=dock_hours(known), own_fleet=own_fleet(known))


def _with_costliest(
    cases: OpenCases, scoring: Scoring, as_of: datetime, costs: CostParams
) -> tuple[pd.DataFrame, Floats, Reasons]:
    """The cases with their costliest open exception, its expected impact in money, (n,), and what is doubtful of it."""
    table, found = cases.table, cases.exceptions
    if found.empty or not scoring.has(ModelName.SEVERITY):
        return table, np.zeros(len(table)), np.full(len(table), None, dtype=object)
    asked = pd.DataFrame({"exception_id": found["exception_id"], "as_of": pd.Timestamp(as_of)})
    money = np.asarray(scoring.impacts(asked), float) * costs.per_impact_unit
    worst = (
        found.assign(money=money, doubt=scoring.doubts(ModelName.SEVERITY, asked))
        .sort_values(["case_id", "money", "exception_id"], ascending=[True, False, True], kind="stable")
        .drop_duplicates("case_id")
        .set_index("case_id")
    )
    named = table.assign(
        exception_id=table["case_id"].map(worst["exception_id"]).astype("str"),
        exception_kind=table["case_id"].map(worst["kind"]).astype("str"),
    )
    doubt = table["case_id"].map(worst["doubt"].astype(object)).astype(object)
    told = doubt.where(doubt.notna(), None).to_numpy(object)
    return named, table["case_id"].map(worst["money"]).fillna(0.0).to_numpy(float), told


def _delays(table: pd.DataFrame, scoring: Scoring, as_of: datetime) -> tuple[Floats, Reasons]:
    """Quantiles of the delay with nothing done, (n, L), NaN where nothing tells them; and what is doubtful, (n,)."""
    delays, doubts = np.full((len(table), len(DENSE_LEVELS)), np.nan), np.full(len(table), None, dtype=object)
    timed = table["planned_delivery_at"].notna().to_numpy(bool)
    if scoring.has(ModelName.ETA_RISK) and timed.any():
        who = table.loc[timed, ["shipment_id", "stage"]].reset_index(drop=True)
        asked = who.assign(as_of=pd.Timestamp(as_of))
        delays[timed], doubts[timed] = scoring.delays(asked), scoring.doubts(ModelName.ETA_RISK, asked)
    return delays, doubts
