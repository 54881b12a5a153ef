"""A simulated data set says so in its manifest; others keep the bytes they had."""

import json

from store.dataset import open_dataset
from store.description import FILE_NAME
from tests.store.making import SHIPMENT, run


def test_a_simulated_data_set_stays_one(tmp_path):
    """The manifest of an import may say it, and it is read back."""
    _, dataset = run(tmp_path, "simulated = true", shipments=SHIPMENT)
    assert dataset.manifest.simulated
    assert open_dataset(dataset.folder).manifest.title == "small (simulated)"


def test_a_real_data_set_says_nothing_of_it(tmp_path):
    """So its fingerprint is that of before."""
    _, dataset = run(tmp_path, shipments=SHIPMENT)
    assert "simulated" not in json.loads((dataset.folder / FILE_NAME).read_text())
    assert not open_dataset(dataset.folder).manifest.simulated
