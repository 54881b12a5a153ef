"""The contracts of the canonical tables, declared in `tables.py`.

`suite.py` runs a contract's rules as Great Expectations over a whole table; `compiled.py` in plain Python on a record.
"""
