"""The contracts of the canonical tables: `tables.py` declares them, `suite.py` runs them as Great Expectations."""
