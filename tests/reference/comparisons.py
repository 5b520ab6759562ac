"""Numbers of other software beside ours; each comparison can be written down."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

NEAR_ZERO = 1e-3
"""A number below this share of the greatest is compared with that share of it."""


@dataclass(frozen=True)
class Comparison:
    """How far the numbers of one comparison lay apart, at most and relative."""

    test: str
    what: str
    count: int
    difference: float
    tolerance: float


MADE: list[Comparison] = []
"""Every comparison of this session, for `--validation`."""


def numbers(values: Any) -> np.ndarray:
    """Array of floats; null and R's words for what is not a number become NaN and infinity."""
    words = {None: np.nan, "NaN": np.nan, "Inf": np.inf, "-Inf": -np.inf}
    if isinstance(values, list):
        return np.array([numbers(value) for value in values], dtype=float)
    if isinstance(values, str) or values is None:
        return np.array(words[values])
    return np.asarray(values, dtype=float)


def close(found: Any, expected: Any, tolerance: float, what: str = "") -> None:
    """Equal, number by number; one near 0 to a thousandth of the tolerance of the greatest."""
    target, ours = numbers(expected), np.asarray(found, dtype=float)
    greatest = np.abs(target[np.isfinite(target)]).max(initial=0.0)
    near_zero = NEAR_ZERO * greatest
    np.testing.assert_allclose(ours, target, tolerance, tolerance * near_zero, err_msg=what)
    known = np.isfinite(target)
    size = np.maximum(np.abs(target), near_zero)[known]
    apart = np.abs(np.broadcast_to(ours, target.shape)[known] - target[known])
    apart = apart[size > 0] / size[size > 0]
    test = os.environ.get("PYTEST_CURRENT_TEST", "").removesuffix(" (call)")
    largest = float(apart.max(initial=0.0))
    MADE.append(Comparison(test, what, int(known.sum()), largest, tolerance))
