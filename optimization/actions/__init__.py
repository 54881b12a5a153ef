"""The catalogue of actions: one kind a file, each answering the same question of every case."""

from optimization.actions.action import Action
from optimization.actions.do_nothing import DoNothing
from optimization.actions.escalate import Escalate
from optimization.actions.expedite import Expedite
from optimization.actions.notify import Notify
from optimization.actions.rebook_dock import RebookDock
from optimization.actions.retender import Retender
from optimization.actions.shift_capacity import ShiftCapacity

ACTIONS: tuple[Action, ...] = (DoNothing(), Notify(), Expedite(), Retender(), RebookDock(), ShiftCapacity(), Escalate())
"""Every kind that a plan considers."""

__all__ = ["ACTIONS", "Action"]
