"""Where runs and versions are tracked."""

from pathlib import Path

from domain.params import MlflowParams


def tracking_uri(home: Path, params: MlflowParams) -> str:
    """The setting, else SQLite under the home."""
    return params.tracking_uri or f"sqlite:///{(home / 'mlruns' / 'mlflow.db').resolve()}"
