"""What all answers share: a JSON document, and a sentence for a person."""

from abc import ABC, abstractmethod
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from domain.money import Money


class Answer(ABC):
    """A frozen dataclass that answers a question."""

    def document(self) -> dict[str, Any]:
        """The answer for programs: the same answer gives the same JSON; fractions of cents become floats."""
        document: dict[str, Any] = _plain(self)
        return document

    @abstractmethod
    def sentence(self, money: Money) -> str:
        """The answer for a person, in one sentence."""


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Fraction) else value


def counted(count: int, noun: str) -> str:
    """``1 case``, ``2 cases``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
