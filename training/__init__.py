"""From a data set to a registered model: split in time, fit, calibrate, measure, track in MLflow.

May import floors 1 to 4 (domain, store, features, models); only ``serving`` may import it. MLflow is
imported here and in ``store/registry.py`` only.
"""
