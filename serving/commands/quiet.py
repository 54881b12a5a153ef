"""Libraries do not talk into a command's output."""

import logging
import warnings
from collections.abc import MutableMapping

DEBUG = "LANEWISE_DEBUG"
"""Set to anything, this variable shows tracebacks and what libraries log."""


def quieten_libraries(environ: MutableMapping[str, str]) -> None:
    """Let only errors of libraries through, and no warnings; with :data:`DEBUG` everything.

    To be called by the program before anything heavy is imported: MLflow reads its variable then.
    """
    if environ.get(DEBUG):
        logging.basicConfig(level=logging.INFO)
        return
    warnings.simplefilter("ignore")
    environ["MLFLOW_CONFIGURE_LOGGING"] = "false"
    environ["TQDM_DISABLE"] = "1"
    shown = logging.StreamHandler()
    shown.setLevel(logging.ERROR)  # of the handler: some libraries set the level of their loggers themselves
    logging.basicConfig(handlers=[shown], format="%(name)s: %(message)s")
