"""What a model card says of a fitted model."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

import pandas as pd

from domain.moment import format_moment
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.outcomes import Fate
from models.artifact import REQUIREMENTS, Provenance
from store.dataset import Dataset
from training.card import Card, Grid, Section
from training.card_looks import looks_section
from training.card_measures import AllMeasures, above_grid, crossed_grids, overall_grid, slices_grid
from training.card_words import limits_of, purpose_of
from training.families import columns_by_family
from training.fitting import Fitted
from training.importance import LookedAt
from training.pictures import Drawn
from training.slices import MIN_SLICE_ROWS
from training.split import Part

LIBRARIES = (*REQUIREMENTS, "mlflow")
FACT = ("", "")


@dataclass(frozen=True)
class Trained:
    """By whom and when a model was trained, as its run says; ``by`` is the name of the operating system's user."""

    by: str
    at: str
    run_id: str


@dataclass(frozen=True)
class Found:
    """What was worked out of a fitted model once and is told in several places."""

    measures: AllMeasures
    looked: LookedAt
    drawn: Drawn


def card_of(
    fitted: Fitted,
    dataset: Dataset,
    provenance: Provenance,
    params: TrainingParams,
    trained: Trained,
    found: Found,
) -> Card:
    """The card of a model that was fitted and measured."""
    manifest = dataset.manifest
    sections = (
        Section("Purpose", purpose_of(fitted.model.name, manifest)),
        _measures(fitted, manifest.severity.thresholds, found),
        looks_section(found.looked, found.drawn.looks),
        Section("Limits", bullets=limits_of(fitted, manifest)),
        _data(fitted, dataset),
        _features(fitted, provenance, found),
        _training(fitted, provenance, params, trained),
    )
    return Card(f"{manifest.name}.{fitted.model.name}", manifest.simulated, sections)


def _measures(fitted: Fitted, thresholds: tuple[float, ...], found: Found) -> Section:
    name, test, told = fitted.model.name, fitted.split.test, found.measures
    grids = [overall_grid(told.overall)]
    grids += [above_grid(told.overall, thresholds)] if name is ModelName.SEVERITY else []
    words = [
        f"Measured once, on {len(test):,} rows about {test.subjects['subject_id'].nunique():,} subjects that came "
        f"{_span(test.subjects['as_of'])}, after everything that it learned from. Where the interval is missing, fewer "
        "than 30 subjects are too few to tell one, or the measure has none.",
    ]
    if told.few:
        words.append(
            f"{len(told.few)} slices with fewer than {MIN_SLICE_ROWS} rows are left out; they overlap, and have "
            f"{sum(told.few.values()):,} rows together."
        )
    grids += [slices_grid(name, told.sliced), *crossed_grids(name, told.sliced)]
    return Section("Measures on later data", tuple(words), (), tuple(grids), found.drawn.measures)


def _data(fitted: Fitted, dataset: Dataset) -> Section:
    manifest, split = dataset.manifest, fitted.split
    assert manifest.cut_off is not None, "an opened data set has a cut-off"
    facts = {
        "data set": manifest.title,
        "fingerprint": dataset.fingerprint,
        "known until": format_moment(manifest.cut_off),
        "learned from": f"{len(split.train):,} rows asked {_span(split.train.subjects['as_of'])}",
        "tested on": f"{len(split.test):,} rows asked {_span(split.test.subjects['as_of'])}",
        "stages learned from": _counts(split.train.subjects["stage"]),
        "currency, zone": f"{manifest.currency}, {manifest.timezone}",
    }
    tables = [
        (name, f"{one.rows:,}", f"{sum(one.quarantined.values()):,}")
        for name, one in sorted(dataset.description.tables.items())
    ]
    head = ("table", "rows", "in quarantine beside them")
    return Section("Data", grids=(_facts(facts), _months(split.test), Grid(head, tuple(tables))))


def _months(test: Part) -> Grid:
    """What became of the later rows, by the month in which they were asked."""
    fates = sorted({fate for counts in test.by_month.values() for fate in counts} - {Fate.KNOWN})
    rows = [
        (month, *(f"{counts.get(fate, 0):,}" for fate in (Fate.KNOWN, *fates)))
        for month, counts in sorted(test.by_month.items())
    ]
    return Grid(("month of the test", "tested on", *(f"left out: {fate}" for fate in fates)), tuple(rows))


def _features(fitted: Fitted, provenance: Provenance, found: Found) -> Section:
    encoder = fitted.model.encoder
    families = columns_by_family(encoder.columns)
    shares = dict(zip(found.looked.columns, found.looked.share, strict=True))
    rows = [
        (
            family,
            f"{len(columns):,}",
            f"{sum(one in encoder.categories for one in columns):,}",
            f"{sum(shares[one] for one in columns):.0%}",
        )
        for family, columns in families.items()
    ]
    total = ("all", f"{len(encoder.columns):,}", f"{len(encoder.categories):,}", "")
    facts = {"catalogue hash": provenance.catalogue}
    told = tuple(fitted.checked.lines())
    grid = Grid(("family", "columns", "of them categories", "share of what moves the model"), (*rows, total))
    return Section("Features", bullets=told, grids=(_facts(facts), grid), pictures=found.drawn.drift)


def _training(fitted: Fitted, provenance: Provenance, params: TrainingParams, trained: Trained) -> Section:
    split = fitted.split
    facts = {
        "trained by": f"{trained.by} (the operating system's user: a claim, not a proof)",
        "begun": trained.at,
        "run": trained.run_id,
        "code": provenance.code_version,
        "environment": environment(),
        "seed": str(provenance.seed),
        "split": f"learned from what was asked and known before {_moment(split.test_from)}, tested on what was asked "
        "from then on",
        "fitted on": f"{fitted.checked.rows:,} rows: of stages at one instant the last, and at most "
        f"{params.max_rows:,}, the latest",
        "recipe": fitted.model.recipe.words(),
        "settings": ", ".join(f"{name} {value}" for name, value in sorted(vars(params).items()) if name != "seed"),
    }
    return Section("Training", grids=(_facts(facts),))


def environment() -> str:
    """Python, system, and the versions of the libraries that learn, predict and keep."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}; {libraries}"


def _facts(facts: Mapping[str, str]) -> Grid:
    return Grid(FACT, tuple(facts.items()), numbers_from=len(FACT))


def _counts(column: pd.Series) -> str:
    return ", ".join(f"{value}: {rows:,}" for value, rows in column.value_counts().sort_index().items())


def _span(moments: pd.Series) -> str:
    return f"from {_moment(moments.min())} to {_moment(moments.max())}"


def _moment(moment: pd.Timestamp) -> str:
    return format_moment(moment.floor("s").to_pydatetime())
