"""What learns: ETA risk, tender failure, exception severity; fit, predict, explain.

A model takes feature frames and outcomes and knows nothing of tables, time or MLflow. `artifact.py`
turns a fitted model into a folder of native boosters and JSON, and back. May import ``domain``,
``store`` and ``features``.
"""
