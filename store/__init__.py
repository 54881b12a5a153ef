"""Where things are kept: canonical tables in Parquet, their contracts, and the import of a user's data.

`contracts/` declares every table once and generates its Great Expectations suite; `importer.py` turns a
folder of SQL into a data set, `dataset.py` opens one, `writing.py` replaces one in a single atomic step,
`streaming.py` does so month by month while it is produced, `check.py` checks one again. `registry.py` is the
only file below `training` that imports MLflow. This package imports `domain` alone; `features` and everything
above may import it.
"""
