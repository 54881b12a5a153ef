"""No library reports home."""

from collections.abc import MutableMapping

SWITCHES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "BENTOML_DO_NOT_TRACK": "true",
    "GX_ANALYTICS_ENABLED": "false",
}
"""What each library reads when it is imported."""


def switch_off_telemetry(environ: MutableMapping[str, str]) -> None:
    """Set every switch, whatever stood there before. Called by each door before it imports anything heavy."""
    environ.update(SWITCHES)
