"""From a margin to a probability: calibrators, the choice among them, and the base rate followed after training."""

from models.calibration.platt import MIN_SLOPE, Platt, fit_platt

__all__ = ["MIN_SLOPE", "Platt", "fit_platt"]
