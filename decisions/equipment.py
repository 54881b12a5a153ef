"""Which carriers and rates suit a load by equipment, as users write it: one word, or several in one text."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SEPARATORS = re.compile(r"[\s,;/|+&]+")
"""Between the kinds of equipment that one text names."""


def suits(has: pd.Series, needed: pd.Series) -> NDArray[np.bool_]:
    """Whether each of n texts of equipment names what a load needs, shape (n,); one that is unknown excludes nobody.

    What is needed is looked for whole and whatever its case: ``van reefer`` suits ``Reefer``; ``dry van, reefer`` suits
    ``dry van``; ``van`` does not suit ``dry van``.
    """
    pairs = pd.DataFrame({"has": _known(has), "needed": _known(needed)})
    different = pairs.drop_duplicates()
    told = [_suits(one.has, one.needed) for one in different.itertuples()]
    return np.asarray(pairs.merge(different.assign(told=told), how="left")["told"], dtype=np.bool_)


def _known(texts: pd.Series) -> NDArray[np.object_]:
    """The texts, empty where there is none."""
    return np.asarray(texts.astype(object).where(texts.notna(), "").to_numpy(object))


def _suits(has: str, needed: str) -> bool:
    words, wanted = _words(has), _words(needed)
    return not words or not wanted or f" {wanted} " in f" {words} "


def _words(text: str) -> str:
    return SEPARATORS.sub(" ", str(text).casefold()).strip()
