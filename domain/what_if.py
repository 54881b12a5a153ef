"""What would have happened had somebody acted otherwise: asked of a world that can be lived through again."""

from collections.abc import Sequence
from typing import Any, Protocol

ASKED = ("do_nothing", "notify", "expedite")
"""Actions, by the names of the catalogue, whose outcome may be asked."""


class WhatIf(Protocol):
    """A world with known truth. Of real freight there is none: what was not done has no outcome."""

    def costs(self, shipments: Sequence[str], actions: Sequence[str], as_of: Any) -> Any:
        """What each shipment would have cost in the end, all others as they went, under the same chance.

        Parameters
        ----------
        shipments, actions
            n shipments, and what is done about each: of :data:`ASKED`.
        as_of
            Shape (n,): when, UTC.

        Returns
        -------
        numpy.ndarray
            Money, shape (n,).

        Raises
        ------
        LanewiseError
            If a shipment is not of this world.
        """
        ...
