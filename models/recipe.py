"""What a booster is fitted with besides its rows: chosen once a model, kept with it."""

from dataclasses import dataclass, fields, replace
from typing import Any

from domain.params import TrainingParams


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters and the categories' encoding; attributes as in :class:`domain.params.TrainingParams`."""

    learning_rate: float
    leaves: int
    rows_per_leaf: int
    min_leaf_rows: int
    feature_fraction: float
    l2: float
    cat_l2: float
    cat_smooth: float
    extra_trees: bool
    encoding: str

    @classmethod
    def of(cls, params: TrainingParams) -> "Recipe":
        """The one that the settings name."""
        return cls(**{item.name: getattr(params, item.name) for item in fields(cls)})

    def applied(self, params: TrainingParams) -> TrainingParams:
        """Settings under which boosters are fitted by this recipe."""
        return replace(params, **vars(self))

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dict(vars(self))

    def words(self) -> str:
        """On one line."""
        rounded = {name: f"{value:.3g}" if isinstance(value, float) else value for name, value in vars(self).items()}
        return ", ".join(f"{name} {value}" for name, value in rounded.items())


AS_SET = Recipe.of(TrainingParams())
"""What the defaults say."""
