"""Drift and health of a model in service: what it costs to decide by it, and whether the outcomes bear it out.

Everything is reckoned from what the champion says of subjects that came after its training, as of their own moments,
and from their outcomes in the order in which they became known.
"""
