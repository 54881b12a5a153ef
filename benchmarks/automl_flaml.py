"""FLAML on a folder of `benchmarks/automl.py`; run by the interpreter of its own environment, imports nothing of ours.

``python automl_flaml.py FOLDER SECONDS`` reads ``train.parquet`` (target ``_y``, rows in the order of time) and
``test.parquet``, and writes ``said.parquet`` and ``told.json``. Validation is on the latest rows.
"""

import json
import sys
import time
from pathlib import Path

import pandas as pd
from flaml import AutoML


def main(folder: Path, seconds: int) -> None:
    """Search for so many seconds, then say the probability of each test row."""
    train, test = pd.read_parquet(folder / "train.parquet"), pd.read_parquet(folder / "test.parquet")
    y = train.pop("_y").astype(int)
    for name in train:
        if not pd.api.types.is_numeric_dtype(train[name]):
            train[name] = train[name].astype(object).fillna("").astype("category")
            known, met = train[name].cat.categories, test[name].astype(object).fillna("")
            test[name] = pd.Categorical(met.where(met.isin(known)), categories=known)
    begun = time.perf_counter()
    learner = AutoML()
    learner.fit(
        train, y, task="classification", metric="log_loss", time_budget=seconds, eval_method="holdout",
        split_type="time", seed=1, n_jobs=2, verbose=0,
    )  # fmt: skip
    took = time.perf_counter() - begun
    pd.DataFrame({"p": learner.predict_proba(test)[:, 1]}).to_parquet(folder / "said.parquet")
    told = {"seconds": took, "learner": learner.best_estimator}
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
