"""The BentoML service over the fake backend, for tests that start a real server."""

import os
import sys
import time

from serving.api.backend import Backend
from serving.carrier import carried
from tests.serving.fake import FakeBackend


def open_fake() -> Backend:
    time.sleep(float(os.environ.get("FAKE_LOADING_S", "0")))
    assert "mlflow" not in sys.modules
    return FakeBackend(seconds=float(os.environ.get("FAKE_PREDICTING_S", "0")))


service = carried(open_fake)
