"""What a delay costs: a curve that never falls, straight piece by piece, with a jump where a term sets in."""

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from domain.errors import LanewiseError


@dataclass(frozen=True)
class PenaltyPiece:
    """Beyond ``after_min`` minutes after plan, up to the next piece: ``cost`` + ``per_min`` · (delay − ``after_min``).

    Money is in the data set's currency.
    """

    after_min: float
    cost: float = 0.0
    per_min: float = 0.0

    def at(self, delay_min: float) -> float:
        """The cost of a delay that lies in this piece, or at its far end."""
        return self.cost + self.per_min * (delay_min - self.after_min)


@dataclass(frozen=True)
class PenaltyCurve:
    """Cost of a delay; nothing up to the first piece.

    Raises
    ------
    LanewiseError
        If pieces do not follow one another, or the cost falls somewhere or is negative.
    """

    pieces: tuple[PenaltyPiece, ...]

    def __post_init__(self) -> None:
        numbers = [number for piece in self.pieces for number in (piece.after_min, piece.cost, piece.per_min)]
        if not self.pieces or not all(map(isfinite, numbers)):
            raise LanewiseError(f"a penalty curve needs pieces of finite numbers, but has {numbers}")
        if any(piece.cost < 0 or piece.per_min < 0 for piece in self.pieces):
            raise LanewiseError(f"cost and per_min of a penalty curve must be 0 or more, but are {self.pieces}")
        for piece, following in pairwise(self.pieces):
            if following.after_min <= piece.after_min:
                raise LanewiseError(
                    "pieces of a penalty curve must follow one another, but one from "
                    f"{following.after_min} min on comes after one from {piece.after_min} min on"
                )
            if following.cost < piece.at(following.after_min):
                raise LanewiseError(
                    f"a penalty must not fall with the delay, but at {following.after_min} min it falls "
                    f"from {piece.at(following.after_min)} to {following.cost}"
                )

    @classmethod
    def fixed(cls, after_min: float, cost: float) -> "PenaltyCurve":
        """A sum that is due once a delay exceeds ``after_min``."""
        return cls((PenaltyPiece(after_min, cost),))

    @classmethod
    def by_minute(cls, after_min: float, per_min: float) -> "PenaltyCurve":
        """Money for each minute beyond ``after_min``."""
        return cls((PenaltyPiece(after_min, 0.0, per_min),))

    @property
    def bends(self) -> tuple[PenaltyPiece, ...]:
        """The same curve as a sum: at each point the jump of the cost, and by how much the slope changes there.

        cost(d) = Σ cost_k · 1{d > after_k} + per_min_k · (d − after_k)⁺; a slope may change downwards.
        """
        before = (PenaltyPiece(self.pieces[0].after_min), *self.pieces)
        return tuple(
            PenaltyPiece(piece.after_min, piece.cost - last.at(piece.after_min), piece.per_min - last.per_min)
            for last, piece in pairwise(before)
        )

    def cost(self, delay_min: float) -> float:
        """Money for a delay in minutes after plan."""
        reached = [piece for piece in self.pieces if delay_min > piece.after_min]
        return reached[-1].at(delay_min) if reached else 0.0
