"""Parameters of each step. Each checks itself; a missing one is its default.

All are read from one ``lanewise.toml``, one section a class (``decisions.settings``).
"""

from dataclasses import dataclass, field, fields

from domain.errors import BadSettings


def expect(holds: bool, name: str, expected: str, came: object) -> None:
    """Raise :class:`BadSettings` that says what was expected and what came, unless ``holds``."""
    if not holds:
        raise BadSettings(f"{name} must be {expected}, but is {came!r}")


@dataclass(frozen=True)
class ImportParams:
    """``[import]``: how much of a user's table may be bad before the whole import is refused.

    Attributes
    ----------
    max_bad_share
        Largest share of a table's rows, 0 to 1, that may go to quarantine.
    max_archive_mb
        Largest size in MB of one file unpacked from an archive.
    """

    max_bad_share: float = 0.05
    max_archive_mb: int = 2048

    def __post_init__(self) -> None:
        expect(0 <= self.max_bad_share <= 1, "import.max_bad_share", "from 0 to 1", self.max_bad_share)
        expect(self.max_archive_mb > 0, "import.max_archive_mb", "above 0", self.max_archive_mb)


NATIVE, TARGET, BOTH, CHOSEN = "native", "target", "both", "chosen"
ENCODINGS = (NATIVE, TARGET, BOTH, CHOSEN)


@dataclass(frozen=True)
class TrainingParams:
    """``[training]``: how models are fitted.

    Attributes
    ----------
    seed
        Seed of everything random; same data + same seed → same model bytes.
    threads
        Boosters fitted at once, each on one thread; 0 = one per core. The number changes no byte.
    test_share
        Share of subjects, latest by as_of, kept for the test where no ``--test-from`` is given.
    selection_rows
        Largest number of rows, latest first, on whose rolling folds trees are counted and calibration is fitted.
    max_rows
        Largest number of subjects a model is fitted on; above it the latest ones are kept.
    max_test_rows
        Largest number of rows it is measured on; above it every second, third, … subject with all its stages.
    max_trees, learning_rate, leaves, min_leaf_rows, feature_fraction, l2, cat_l2, cat_smooth, extra_trees
        LightGBM's ``num_iterations`` (the most that are tried), ``learning_rate``, ``num_leaves``,
        ``min_data_in_leaf``, ``feature_fraction``, ``lambda_l2``, ``cat_l2``, ``cat_smooth``, ``extra_trees``.
    rows_per_leaf
        A tree has no more than one leaf for so many rows, but 15: small tables want small trees.
    encoding
        How categories are shown to trees: ``native``, ``target`` (what came of their values), ``both``, or ``chosen``:
        native, unless rolling folds do better with another.
    search_trials
        Recipes that are tried on the rolling folds before a model is fitted; 0 = none.
    min_subjects
        Fewest subjects with a known outcome a model is trained on.
    beyond_memory
        Keep the features that are learned from in files (in the system's folder for temporary ones) instead of
        memory; slower, and the same bytes. ``max_rows`` still counts.
    """

    seed: int = 1
    threads: int = 0
    test_share: float = 0.2
    selection_rows: int = 60_000
    max_rows: int = 300_000
    max_test_rows: int = 300_000
    max_trees: int = 300
    learning_rate: float = 0.05
    leaves: int = 31
    min_leaf_rows: int = 40
    feature_fraction: float = 0.5
    l2: float = 1.0
    cat_l2: float = 20.0
    cat_smooth: float = 10.0
    extra_trees: bool = False
    rows_per_leaf: int = 2_000
    encoding: str = NATIVE
    search_trials: int = 0
    min_subjects: int = 200
    beyond_memory: bool = False

    def __post_init__(self) -> None:
        expect(self.seed >= 0, "training.seed", "0 or more", self.seed)
        expect(self.threads >= 0, "training.threads", "0 or more", self.threads)
        expect(0 < self.test_share < 1, "training.test_share", "between 0 and 1", self.test_share)
        counts = ("max_rows", "max_test_rows", "selection_rows", "max_trees", "min_leaf_rows", "rows_per_leaf")
        for name in (*counts, "min_subjects"):
            value = getattr(self, name)
            expect(value >= 1, f"training.{name}", "1 or more", value)
        for name in ("l2", "cat_l2", "cat_smooth", "search_trials"):
            expect(getattr(self, name) >= 0, f"training.{name}", "0 or more", getattr(self, name))
        for name in ("learning_rate", "feature_fraction"):
            value = getattr(self, name)
            expect(0 < value <= 1, f"training.{name}", "above 0 and at most 1", value)
        expect(2 <= self.leaves <= 4096, "training.leaves", "from 2 to 4096", self.leaves)
        expect(self.encoding in ENCODINGS, "training.encoding", f"one of {', '.join(ENCODINGS)}", self.encoding)
        plain = self.encoding == NATIVE and not self.search_trials
        wanted = f"false where encoding is not {NATIVE} or trials are searched"
        expect(plain or not self.beyond_memory, "training.beyond_memory", wanted, self.beyond_memory)


@dataclass(frozen=True)
class PlanParams:
    """``[plan]``: how a joint plan is made.

    Attributes
    ----------
    min_saving
        Money that the best action must save over doing nothing for a case to be open.
    horizon_h
        Hours after as_of within which an undelivered shipment's planned delivery must fall to be a case.
    overdue_h
        Hours a planned delivery may lie before as_of for the shipment still to be a case.
    max_cases
        Largest number of cases in one plan, those with most at stake kept (the rest counted).
    max_carriers
        Carriers proposed for a re-tender, likeliest to accept first.
    effort
        Steps the solver may spend; 1,000 take about a second.
    gap
        Certified relative gap at which the solver may stop.
    seed
        Recorded with the plan.
    """

    min_saving: float = 1.0
    horizon_h: float = 24.0
    overdue_h: float = 12.0
    max_cases: int = 5_000
    max_carriers: int = 3
    effort: int = 50_000
    gap: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("min_saving", "horizon_h", "overdue_h", "gap"):
            value = getattr(self, name)
            expect(value >= 0, f"plan.{name}", "0 or more", value)
        for name in ("max_cases", "max_carriers", "effort"):
            value = getattr(self, name)
            expect(value >= 1, f"plan.{name}", "1 or more", value)


@dataclass(frozen=True)
class CostParams:
    """``[costs]``: what a plan prices with where the data's manifest says nothing; each use is listed as an assumption.

    Attributes are those of :class:`domain.manifest.Costs`, in the data set's currency, plus

    review_min_per_shift
        Planner minutes for reviewing that a plan may use where ``capacity`` names none.
    premium_budget
        Money for premium freight that a plan may use where ``capacity`` names none.
    """

    handling_per_min: float = 0.7
    late_per_min: float = 1.0
    per_impact_unit: float = 1.0
    notify: float = 1.0
    expedite_share: float = 0.35
    expedite: float = 150.0
    escalate_min: float = 12.0
    review_min_per_shift: float = 480.0
    premium_budget: float = 5_000.0

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            expect(value >= 0, f"costs.{item.name}", "0 or more", value)


@dataclass(frozen=True)
class DriftParams:
    """``[drift]``: when a model's health is an alarm.

    Attributes
    ----------
    window_days
        Latest days whose subjects and outcomes are described.
    alarm_every_days
        Days between false alarms of one model on average, at least.
    tolerated_share
        Share of what failures cost, 0 to 1, that decisions may lose by a shift before it matters.
    """

    window_days: int = 28
    alarm_every_days: float = 30.0
    tolerated_share: float = 0.001

    def __post_init__(self) -> None:
        expect(self.window_days >= 1, "drift.window_days", "1 or more", self.window_days)
        expect(self.alarm_every_days >= 1, "drift.alarm_every_days", "1 or more", self.alarm_every_days)
        expect(0 <= self.tolerated_share < 1, "drift.tolerated_share", "from 0 to below 1", self.tolerated_share)


@dataclass(frozen=True)
class ServeParams:
    """``[serve]``: the HTTP service.

    Attributes
    ----------
    host, port, workers
        Where it listens, and in how many processes.
    max_body_bytes
        Largest request body accepted.
    max_subjects
        Most subjects in one prediction request.
    """

    host: str = "127.0.0.1"
    port: int = 3000
    workers: int = 1
    max_body_bytes: int = 4_194_304
    max_subjects: int = 10_000

    def __post_init__(self) -> None:
        expect(1 <= self.port <= 65535, "serve.port", "from 1 to 65535", self.port)
        for name in ("workers", "max_body_bytes", "max_subjects"):
            value = getattr(self, name)
            expect(value >= 1, f"serve.{name}", "1 or more", value)


@dataclass(frozen=True)
class MlflowParams:
    """``[mlflow]``: where runs and models are tracked; empty = SQLite in the home's ``mlruns/mlflow.db``."""

    tracking_uri: str = ""
    experiment: str = "lanewise"


@dataclass(frozen=True)
class Settings:
    """Everything that can be set, with a default for each.

    Attributes
    ----------
    data
        Folder of canonical tables that ``lanewise serve`` reads where none is named, relative to the home.
    """

    data: str = "var/data/flights"
    imports: ImportParams = field(default_factory=ImportParams)
    training: TrainingParams = field(default_factory=TrainingParams)
    plan: PlanParams = field(default_factory=PlanParams)
    costs: CostParams = field(default_factory=CostParams)
    drift: DriftParams = field(default_factory=DriftParams)
    serve: ServeParams = field(default_factory=ServeParams)
    mlflow: MlflowParams = field(default_factory=MlflowParams)
