"""A data set keeps the country that its manifest names; others keep the bytes they had."""

import json

from store.dataset import open_dataset
from store.description import FILE_NAME
from tests.store.making import SHIPMENT, run


def test_a_country_is_kept(tmp_path):
    """The manifest of an import names it, and it is read back."""
    _, dataset = run(tmp_path, 'country = "CA"', shipments=SHIPMENT)
    assert open_dataset(dataset.folder).manifest.country == "CA"


def test_no_country_leaves_no_trace(tmp_path):
    """So the fingerprint is that of before."""
    _, dataset = run(tmp_path, shipments=SHIPMENT)
    assert "country" not in json.loads((dataset.folder / FILE_NAME).read_text())
    assert open_dataset(dataset.folder).manifest.country is None
