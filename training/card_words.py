"""The words of a model card: what a model is for, and where it should not be believed."""

from collections.abc import Iterator

import pandas as pd

from domain.manifest import Manifest
from domain.predictions import ModelName
from training.fitting import Fitted

PURPOSE = {
    ModelName.ETA_RISK: (
        "Says, for a shipment that is not yet delivered, how likely it will be late and what its delay in minutes may "
        "be: seven quantiles from 5 % to 95 %. It is asked at every stage, from release to the last milestone.",
        "The planner (lanewise plan) prices actions with it, planners see it, the API answers with it.",
    ),
    ModelName.TENDER_FAILURE: (
        "Says how likely an offer of a shipment to a carrier fails: is rejected, expires, or is answered with a "
        "condition.",
        "The planner (lanewise plan) weighs re-tendering with it, planners see it, the API answers with it.",
    ),
    ModelName.SEVERITY: (
        "Says, when an exception is raised, how likely each class of its impact is, and the impact to expect.",
        "The planner (lanewise plan) tells with it which exceptions are worth acting on, planners see it, the API "
        "answers with it.",
    ),
}
NOT_FOR = (
    "It is not made for judging carriers or people: it says what tends to happen, not who causes it, nor what would "
    "happen if somebody acted otherwise."
)
FATES = {
    "censored": "whose outcome was not known yet; never counted as good",
    "cancelled": "called off",
    "no_plan": "delivered without a planned delivery to hold it against",
    "immature": "so young that only quick outcomes are known of their like",
    "not drawn": "more than it is measured on: every second, third, … subject is, with all its stages",
}
SELECTION = {
    ModelName.ETA_RISK: (
        "Every stage of a shipment is a row of its own. Later stages are mostly easier, so the overall measures are "
        "those of this mixture: read them by stage."
    ),
    ModelName.TENDER_FAILURE: (
        "Carriers were not offered loads by lot: what is said of a carrier on a lane, or at a price, where it was "
        "hardly ever asked rests on what others did."
    ),
    ModelName.SEVERITY: (
        "Impacts are those that came about although people acted on some exceptions; what acting spared is not in them."
    ),
}
OF_METHOD = (
    "The method's defaults were chosen while looking at the test parts of the data sets that Lanewise is compared on; "
    "on data of its own kind a figure may be somewhat worse."
)
OF_INTERVALS = (
    "Intervals take one subject's rows together and subjects as independent. Those of one day share weather and "
    "market, so the intervals are narrower than they should be."
)
SIMULATED = (
    "Learned from a simulated network. Its figures tell how the method does in that world, and nothing of anybody's "
    "freight."
)
UNKNOWN_SHARE = 0.01


def purpose_of(model: ModelName, manifest: Manifest) -> tuple[str, ...]:
    """What the model is for, and what its outcome means here."""
    return (*PURPOSE[model], _meaning(model, manifest), NOT_FOR)


def limits_of(fitted: Fitted, manifest: Manifest) -> tuple[str, ...]:
    """Where not to believe the model, or its figures."""
    return tuple(_limits(fitted, manifest))


def _limits(fitted: Fitted, manifest: Manifest) -> Iterator[str]:
    train, test = fitted.split.train, fitted.split.test
    if manifest.simulated:
        yield SIMULATED
    span = _span(train.subjects["as_of"])
    yield f"It learned from questions asked {span}, and knows no other season or market than those of that time."
    yield from _left_out("learning", train.left_out)
    yield from _left_out("testing", test.left_out)
    if test.left_out.get("censored"):
        yield (
            "Slow outcomes are missing most among the latest subjects, so bad ones are rarer in the test than they "
            "turn out to be."
        )
    yield from _unknown(fitted)
    yield from (f"{column.name} alone all but tells the outcome; if it holds the future, the measures are too good."
                for column in fitted.checked.leaking)  # fmt: skip
    if drifted := fitted.checked.drifted:
        worst = ", ".join(column.name for column in drifted[:3])
        many = len(drifted)
        yield f"{many} of its columns were distributed otherwise in the test than in learning, most of all {worst}."
    yield SELECTION[fitted.model.name]
    yield OF_INTERVALS
    yield OF_METHOD


def _meaning(model: ModelName, manifest: Manifest) -> str:
    if model is ModelName.ETA_RISK:
        return (
            f"Late means delivered more than {manifest.late_after_min:g} min after plan, or than the shipment's own "
            "tolerance where it names one."
        )
    if model is ModelName.TENDER_FAILURE:
        return "Accepted is the other outcome; an offer withdrawn by the shipper is neither."
    unit = "minutes" if manifest.severity.impact_unit == "min" else manifest.currency
    bounds = ", ".join(f"{threshold:g}" for threshold in manifest.severity.thresholds)
    return f"Impact is in {unit}; the classes minor, moderate, major and critical part at {bounds}."


def _left_out(what: str, fates: dict[str, int]) -> Iterator[str]:
    if fates:
        told = "; ".join(f"{rows:,} {fate} ({FATES.get(fate, 'left out')})" for fate, rows in sorted(fates.items()))
        yield f"Left out of {what}: {told}."


def _unknown(fitted: Fitted) -> Iterator[str]:
    """Categories whose later values the model has often not learned."""
    for column, known in fitted.model.encoder.categories.items():
        values = fitted.test_frame[column].dropna() if column in fitted.test_frame else pd.Series(dtype=str)
        share = float((~values.isin(known)).mean()) if len(values) else 0.0
        if share > UNKNOWN_SHARE:
            yield f"{share:.0%} of the later rows have a {column} that it learned too little of to know by name."


def _span(moments: pd.Series) -> str:
    return f"from {moments.min():%Y-%m-%d} to {moments.max():%Y-%m-%d}"
