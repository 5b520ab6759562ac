"""Two arms, yes and no: the counts, and the limits that are roots of the score."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.optimize import brentq


@dataclass(frozen=True)
class Four:
    """Successes and subjects of the active arm, then of the reference."""

    a: int
    n: int
    c: int
    m: int


def miettinen_nurminen(four: Four, level: float) -> tuple[float, float]:
    """Roots of the score: Miettinen & Nurminen 1985, Stat Med 4:213-226, the MLE by bisection."""
    from scipy.stats import norm  # noqa: PLC0415 - slow to import

    d, z = four.a / four.n - four.c / four.m, float(norm.isf((1 - level) / 2))
    total = four.n + four.m

    def slope(p0: float, delta: float) -> float:
        p1 = p0 + delta
        return (
            four.a / p1 - (four.n - four.a) / (1 - p1) + four.c / p0 - (four.m - four.c) / (1 - p0)
        )

    def score(delta: float) -> float:
        low, high = max(0.0, -delta) + 1e-13, min(1.0, 1 - delta) - 1e-13
        if slope(low, delta) <= 0:
            p0 = low
        elif slope(high, delta) >= 0:
            p0 = high
        else:
            p0 = float(brentq(slope, low, high, args=(delta,), xtol=1e-15))
        p1 = p0 + delta
        variance = (p1 * (1 - p1) / four.n + p0 * (1 - p0) / four.m) * total / (total - 1)
        return (d - delta) / sqrt(variance) if variance > 0 else np.sign(d - delta) * np.inf

    edge = 1 - 1e-10
    inside = min(max(d, -edge), edge)
    low, high = -1.0, 1.0
    if inside > -edge and score(-edge) >= z:
        low = float(brentq(lambda x: score(x) - z, -edge, inside, xtol=1e-13))
    if inside < edge and score(edge) <= -z:
        high = float(brentq(lambda x: score(x) + z, inside, edge, xtol=1e-13))
    return low, high
