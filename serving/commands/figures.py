"""The few figures of a model that a table shows."""

from collections.abc import Mapping

HEADLINES = {
    "auc": "AUC",
    "average_precision": "AP",
    "brier": "Brier",
    "brier_constant": "constant's Brier",
    "kappa": "kappa",
    "macro_f1": "macro F1",
}
"""Name of a figure → head of its column."""


def headlines(figures: Mapping[str, float]) -> list[str]:
    """The cells of :data:`HEADLINES`, empty where a model has no such figure."""
    return [f"{figures[name]:.4f}" if name in figures else "" for name in HEADLINES]
