"""Tables as known at a time → the columns models learn from.

`known.py` is the one place where `known_at` is compared with `as_of`; `subjects.py` says who is
asked about; each family of features is one file; `frame.py` puts them side by side and
`catalogue.py` lists them. May import ``domain`` and ``store``.
"""
