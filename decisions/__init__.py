"""The use cases: score, plan, judge by policy, record; and the one composition root.

The order of steps lives here and nowhere else. May import floors 1 to 4 (domain, store,
features, models, optimization, governance); only ``serving`` may import it.
"""
