"""Errors a person can act on.

A door (HTTP, CLI, page) shows the message as it is, so a message says what was
expected, what came, and what to do. Anything else that is raised is a defect.
"""


class LanewiseError(Exception):
    """A request was refused or failed for a reason the caller can mend."""


class BadManifest(LanewiseError):
    """A ``manifest.toml`` or ``manifest.json`` does not say what it must."""


class BadSettings(LanewiseError):
    """``lanewise.toml`` or a ``LANEWISE_…`` variable holds a value that is not allowed."""


class BadTable(LanewiseError):
    """A canonical table as a whole cannot be taken in."""


class BadQuery(LanewiseError):
    """A user's SQL does not run, or reaches for something it may not read."""


class NotThere(LanewiseError):
    """A file, data set, model, plan or case that was named does not exist."""


class CannotTrain(LanewiseError):
    """No model can be trained on what the data set holds."""


class WrongModel(LanewiseError):
    """A model was asked about data it does not fit: another data set, another feature catalogue."""


class DamagedLog(LanewiseError):
    """A log that is written line by line holds one that cannot be read."""


class DamagedFile(LanewiseError):
    """A file of the home cannot be read as what it is."""


class BadPolicy(LanewiseError):
    """A policy file is not valid, or one of its predicates is no plain expression."""


class BadProblem(LanewiseError):
    """An optimisation problem contradicts itself, or its hard rows cannot be met."""


class NoRoom(LanewiseError):
    """A shared resource has too little left for what was to be reserved."""


class PlanRejected(LanewiseError):
    """The independent verifier found a plan that breaks a row or misstates its cost."""


class HomeLocked(LanewiseError):
    """Another process is writing in this home."""


class BadScenario(LanewiseError):
    """A file of changes holds a key or value that is not allowed, or its changes contradict the problem."""
