"""The joint plan: candidate actions, their expected cost, and the choice of one per case under shared limits.

May import domain, store and features; OR-Tools is imported nowhere else. ``models`` reach it only
through the Protocol :class:`domain.predictions.Scoring`, ``decisions`` joins the two.
"""
