"""One model of each kind, fitted once; one of two stages has boosters of its own."""

from typing import Any

import pytest

from tests.models.synthetic import fitted_all


@pytest.fixture(scope="session")
def fitted() -> dict[str, Any]:
    return fitted_all(1500)
