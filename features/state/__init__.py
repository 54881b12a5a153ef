"""The live state kept on disk: snapshots, a journal of what was told since, one writer and any number of readers.

`keeper.py` opens a state, `restored.py` finds what is kept, `snapshot.py` and `journal.py` are the two kinds of file;
`told.py` and `learned.py` turn a state into tables and back, `shape.py` says what it can be told.
"""
