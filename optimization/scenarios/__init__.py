"""Scenarios: named sets of changes of a problem, solved again from the same base and shown side by side.

A change is a small value that turns one :class:`~optimization.scenarios.situation.Situation` into
another and says what it did. One kind a file (:mod:`optimization.scenarios.kinds` lists them); a
scenario applies its changes one after the other.
"""
