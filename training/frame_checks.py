"""What a feature frame is checked for before a model learns from it: leaks, constants, gaps, drift, its contract.

All of it is told and none of it refused: a column that alone says the outcome may be the future let in or an honest
record of what is all but decided (a delivery that is overdue already), and only a person can tell which.

The contract is asked by its compiled rules of two records: every column's smallest value, and every column's largest.
A range that both keep is kept by every row. Great Expectations would take 2 s for 26,000 rows and 9 s for 300,000
(measured), so in a training its suite runs over the columns of broken rules only, to count the rows;
``lanewise check --features`` runs it whole.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, rankdata

from domain.predictions import ModelName
from features.catalogue import FAMILIES
from features.contract import contract_of
from store.contracts.columns import Contract, Kind
from store.contracts.compiled import compiled
from store.contracts.rules import rules_of
from store.contracts.suite import broken_rows
from training.frame_report import LEAK_AUC, ColumnCheck, FrameReport

SCREEN_MARGIN = 0.03
"""The AUC of a sample is believed to be within this of the whole part's."""
MIN_CLASS = 30
"""With fewer rows of either outcome no AUC is told: among a hundred columns some would rank so few by chance."""
SAMPLE = 20_000
"""Rows of each outcome by which columns are ranked first, and rows of each part whose distributions are compared."""
DRIFT_PSI = 0.25
"""Index from which a distribution counts as another one (Siddiqi 2006, Credit Risk Scorecards)."""
CHANCE = 0.001
"""By chance the index is χ²(bins − 1) · (1/n + 1/m) (Yurdakul 2018); a drift is told where that is so improbable."""
BINS = 10
TOP_VALUES = 20

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def check_frame(
    train: pd.DataFrame,
    test: pd.DataFrame,
    outcome_train: Bools,
    outcome_test: Bools,
    what: str = "the outcome",
    whole: bool = False,
) -> FrameReport:
    """Check the frame of one model.

    Parameters
    ----------
    train, test
        n and m rows: floats, and text for categories. Stages must be sampled alike in both, or their mixture shows as
        drift; a column that the test part lacks is missing there.
    outcome_train, outcome_test
        Shapes (n,) and (m,): whether it happened.
    what
        What the outcome is called.
    whole
        Ask the contract by its whole Great Expectations suite, which takes seconds.
    """
    later = test.reindex(columns=train.columns)
    aucs = _aucs(train, later, outcome_train, outcome_test)
    seen, seen_later = train.iloc[_spread(len(train))], later.iloc[_spread(len(later))]
    columns = tuple(
        ColumnCheck(
            str(name),
            float(train[name].isna().mean()),
            float(later[name].isna().mean()),
            _is_constant(train[name]),
            aucs.get(str(name)),
            *drift_of(seen[name], seen_later[name]),
        )
        for name in train
    )
    return FrameReport(what, len(train), len(test), columns, rules_asked(train, test, whole=whole))


def happened(model: ModelName, outcome: pd.DataFrame, thresholds: tuple[float, ...]) -> tuple[Bools, str]:
    """The yes/no question of a model's outcomes, and its words; an impact is asked whether it is major or worse."""
    if model is ModelName.ETA_RISK:
        return outcome["late"].to_numpy() > 0, "late"
    if model is ModelName.TENDER_FAILURE:
        return outcome["value"].to_numpy() > 0, "tender fails"
    return outcome["value"].to_numpy() > thresholds[1], "major or critical"


def rules_asked(*frames: pd.DataFrame, whole: bool = False) -> dict[str, int]:
    """Every rule of the frames' contracts in words, with how many of their rows break it."""
    asked: dict[str, int] = {}
    for frame in frames:
        contract = contract_of(frame.dtypes, [line for family in FAMILIES for line in family.descriptions])
        broken = list(contract.names) if whole else broken_columns(contract, frame)
        counted = {rule.words: len(rows) for rule, rows in broken_rows(contract, frame[broken])} if broken else {}
        for rule in rules_of(contract, contract.names):
            asked[rule.words] = asked.get(rule.words, 0) + counted.get(rule.words, 0)
    return asked


def broken_columns(contract: Contract, frame: pd.DataFrame) -> list[str]:
    """Columns whose range some row breaks, told from every column's extremes alone."""
    numbers = {c.name: frame[c.name].to_numpy(np.float64) for c in contract.columns if c.kind is Kind.NUMBER}
    if frame.empty:
        return []
    rules = compiled(contract)
    extremes = ({name: end.reduce(values) for name, values in numbers.items()} for end in (np.fmin, np.fmax))
    return list(dict.fromkeys(rule.column for record in extremes for rule in rules.broken(record)))


def _is_constant(column: pd.Series) -> bool:
    first = column.iloc[0] if len(column) else None
    return not pd.isna(first) and bool((column == first).all())


# --- Leaks ---------------------------------------------------------------------------------------------------------


def _aucs(train: pd.DataFrame, later: pd.DataFrame, y: Bools, y_later: Bools) -> dict[str, float]:
    """AUC of each column alone, of those that can be judged.

    Numbers are ranked on the training part. Text is ranked on the later part by the shares that its values had on the
    training part: an id that never comes twice then says nothing, where on its own rows it would say all.
    """
    text = [name for name in train if pd.api.types.is_string_dtype(train[name])]
    found: dict[str, float] = {}
    if _judged(y):
        sample = np.concatenate([_few(np.flatnonzero(y)), _few(np.flatnonzero(~y))])
        for name in train.columns.difference(text, sort=False):
            values = train[name].to_numpy(np.float64)
            auc = auc_alone(values[sample], y[sample])
            found[name] = auc_alone(values, y) if auc > LEAK_AUC - SCREEN_MARGIN else auc
    if _judged(y) and _judged(y_later):
        found |= {name: auc_alone(_shares(train[name], y, later[name]), y_later) for name in text}
    return found


def _judged(y: Bools) -> bool:
    return MIN_CLASS <= int(y.sum()) <= len(y) - MIN_CLASS


def auc_alone(values: Floats, y: Bools) -> float:
    """AUC of ranking by one column, 0.5 to 1: in the better direction, the missing ones below all or above all.

    With the missing ones below, AUC is the Mann–Whitney statistic over midranks (Hanley & McNeil 1982); putting them
    above changes it by their share among those where it happened less their share among the others.
    """
    gone = np.isnan(values)
    ranks = rankdata(np.where(gone, -np.inf, values))
    happened, rest = int(y.sum()), int((~y).sum())
    below = (ranks[y].sum() - happened * (happened + 1) / 2) / (happened * rest)
    above = below + gone[y].mean() - gone[~y].mean()
    return float(max(below, 1 - below, above, 1 - above))


def _shares(train: pd.Series, y: Bools, later: pd.Series) -> Floats:
    """For each later row the share of its value's training rows where it happened, shrunk by one row of the mean."""
    codes, _ = pd.factorize(pd.concat([train, later], ignore_index=True))
    counts = np.bincount(codes[: len(train)] + 1, minlength=codes.max() + 2)
    sums = np.bincount(codes[: len(train)] + 1, weights=y, minlength=codes.max() + 2)
    return np.asarray(((sums + y.mean()) / (counts + 1))[codes[len(train) :] + 1])


def _spread(rows: int) -> NDArray[np.int64]:
    """Positions of at most :data:`SAMPLE` rows, evenly spread."""
    return np.linspace(0, rows - 1, min(rows, SAMPLE)).round().astype(np.int64)


def _few(positions: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(positions[_spread(len(positions))])


# --- Drift ---------------------------------------------------------------------------------------------------------


def drift_of(train: pd.Series, later: pd.Series) -> tuple[float, bool]:
    """Population stability index, and whether it is a drift: Σ (q − p) · ln(q / p) over the bins of the training part.

    Half a row is added to every bin (Jeffreys' prior), so that an empty one does not count for infinitely much.
    """
    bins, bins_later = _binned(train, later)
    many = int(max(bins.max(initial=0), bins_later.max(initial=0))) + 1
    counts = np.array([np.bincount(one, minlength=many) for one in (bins, bins_later)])
    counts = counts[:, counts.any(axis=0)] + 0.5
    p, q = counts / counts.sum(axis=1, keepdims=True)
    psi = float(np.sum((q - p) * np.log(q / p)))
    by_chance = chi2.isf(CHANCE, max(len(p) - 1, 1)) * (1 / max(len(bins), 1) + 1 / max(len(bins_later), 1))
    return psi, bool(psi > max(DRIFT_PSI, by_chance))


def _binned(train: pd.Series, later: pd.Series) -> Iterable[NDArray[np.int64]]:
    """Bin of every row of both parts; 0 is missing."""
    if pd.api.types.is_string_dtype(train):
        known = train.value_counts().index[:TOP_VALUES]
        return [np.where(part.isna(), 0, known.get_indexer(part) + 2) for part in (train, later)]
    edges = _edges(train.to_numpy(np.float64))
    values = [part.to_numpy(np.float64) for part in (train, later)]
    return [np.where(np.isnan(part), 0, np.searchsorted(edges, part, side="right") + 1) for part in values]


def _edges(values: Floats) -> Floats:
    """Inner deciles; a value so frequent that it is more than one of them gets a bin of its own."""
    present = values[~np.isnan(values)]
    if not present.size:
        return present
    deciles, times = np.unique(np.quantile(present, np.arange(1, BINS) / BINS), return_counts=True)
    return np.union1d(deciles, np.nextafter(deciles[times > 1], np.inf))
