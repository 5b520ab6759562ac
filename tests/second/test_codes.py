"""Strata of a second program: a code for each combination, by the joined words in order."""

import numpy as np
import pandas as pd

from ketaoutcomes.second.curves import codes_of


def test_every_combination_of_strata_has_the_place_of_its_words() -> None:
    frame = pd.DataFrame(
        {
            "sex": ["w", "m", "w", "m", "w", "m"],
            "site": [2.0, 10.0, np.nan, 10.0, 2.0, np.nan],
            "ward": ["x|y", "x", "x", "y", "x|y", "x"],
        }
    )
    words = ["w|2.0|x|y", "m|10.0|x", "w|nan|x", "m|10.0|y", "w|2.0|x|y", "m|nan|x"]
    in_order = sorted(set(words))
    found = codes_of(frame, ("sex", "site", "ward"))
    assert found is not None
    assert found.tolist() == [in_order.index(word) for word in words]
    one = codes_of(frame, ("sex",))
    assert one is not None
    assert one.tolist() == [1, 0, 1, 0, 1, 0]
    assert codes_of(frame, ()) is None
