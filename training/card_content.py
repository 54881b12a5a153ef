"""What a model card says of a fitted model."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

import pandas as pd

from domain.moment import format_moment
from domain.params import TrainingParams
from domain.predictions import ModelName
from models.artifact import REQUIREMENTS, Provenance
from store.dataset import Dataset
from training.card import Card, Grid, Picture, Section
from training.card_measures import above_grid, measures_of, overall_grid, slices_grid
from training.card_words import limits_of, purpose_of
from training.families import columns_by_family
from training.fitting import Fitted

LIBRARIES = (*REQUIREMENTS, "mlflow")
FACT = ("", "")


@dataclass(frozen=True)
class Trained:
    """By whom and when a model was trained, as its run says; ``by`` is the name of the operating system's user."""

    by: str
    at: str
    run_id: str


def card_of(
    fitted: Fitted,
    dataset: Dataset,
    provenance: Provenance,
    params: TrainingParams,
    trained: Trained,
    pictures: Mapping[str, str],
) -> Card:
    """The card of a model that was fitted and measured.

    Parameters
    ----------
    pictures
        Path of each picture in the run → its words.
    """
    manifest = dataset.manifest
    sections = (
        Section("Purpose", purpose_of(fitted.model.name, manifest)),
        _measures(fitted, manifest.severity.thresholds, pictures),
        Section("Limits", bullets=limits_of(fitted, manifest)),
        _data(fitted, dataset),
        _features(fitted, provenance),
        _training(fitted, provenance, params, trained),
    )
    return Card(f"{manifest.name}.{fitted.model.name}", manifest.simulated, sections)


def _measures(fitted: Fitted, thresholds: tuple[float, ...], pictures: Mapping[str, str]) -> Section:
    name, test = fitted.model.name, fitted.split.test
    overall, sliced = measures_of(fitted, thresholds)
    grids = [overall_grid(overall)]
    grids += [above_grid(overall, thresholds)] if name is ModelName.SEVERITY else []
    words = (
        f"Measured once, on {len(test):,} rows about {test.subjects['subject_id'].nunique():,} subjects that came "
        f"{_span(test.subjects['as_of'])}, after everything that it learned from. Where the interval is missing, fewer "
        "than 30 subjects are too few to tell one, or the measure has none.",
    )
    shown = tuple(Picture(path, told) for path, told in pictures.items())
    return Section("Measures on later data", words, (), (*grids, slices_grid(name, sliced)), shown)


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
    return Section("Data", grids=(_facts(facts), Grid(head, tuple(tables))))


def _features(fitted: Fitted, provenance: Provenance) -> Section:
    encoder = fitted.model.encoder
    found = columns_by_family(encoder.columns)
    rows = [
        (family, f"{len(columns):,}", f"{sum(one in encoder.categories for one in columns):,}")
        for family, columns in found.items()
    ]
    total = ("all", f"{len(encoder.columns):,}", f"{len(encoder.categories):,}")
    facts = {"catalogue hash": provenance.catalogue}
    told = tuple(fitted.checked.lines())
    grid = Grid(("family", "columns", "of them categories"), (*rows, total))
    return Section("Features", bullets=told, grids=(_facts(facts), grid))


def _training(fitted: Fitted, provenance: Provenance, params: TrainingParams, trained: Trained) -> Section:
    split = fitted.split
    facts = {
        "trained by": f"{trained.by} (the operating system's user: a claim, not a proof)",
        "begun": trained.at,
        "run": trained.run_id,
        "code": provenance.code_version,
        "environment": f"Python {platform.python_version()}, {platform.system()} {platform.machine()}; "
        + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "seed": str(provenance.seed),
        "split": f"learned from what was asked and known before {_moment(split.test_from)}, tested on what was asked "
        "from then on",
        "fitted on": f"{fitted.checked.rows:,} rows: of stages at one instant the last, and at most "
        f"{params.max_rows:,}, the latest",
        "recipe": fitted.model.recipe.words(),
        "settings": ", ".join(f"{name} {value}" for name, value in sorted(vars(params).items()) if name != "seed"),
    }
    return Section("Training", grids=(_facts(facts),))


def _facts(facts: Mapping[str, str]) -> Grid:
    return Grid(FACT, tuple(facts.items()), numbers_from=len(FACT))


def _counts(column: pd.Series) -> str:
    return ", ".join(f"{value}: {rows:,}" for value, rows in column.value_counts().sort_index().items())


def _span(moments: pd.Series) -> str:
    return f"from {_moment(moments.min())} to {_moment(moments.max())}"


def _moment(moment: pd.Timestamp) -> str:
    return format_moment(moment.floor("s").to_pydatetime())
