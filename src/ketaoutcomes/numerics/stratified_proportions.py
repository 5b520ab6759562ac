"""Two proportions compared within strata and combined by Mantel and Haenszel's weights.

Mantel & Haenszel 1959, J Natl Cancer Inst 22:719-748. Variances: Sato 1989, Biometrics
45:1323-1324, for the difference; Greenland & Robins 1985, Biometrics 41:55-68, for the ratio. Both
hold when the strata are few and large, and when they are many and small.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.proportions import Proportion

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class StratifiedProportions:
    """Successes and subjects of two arms in each stratum.

    Attributes
    ----------
    successes, n, reference_successes, reference_n : array, shape (n_strata,)

    Raises
    ------
    ValueError
        If a stratum has more successes than subjects.
    """

    successes: FloatArray
    n: FloatArray
    reference_successes: FloatArray
    reference_n: FloatArray

    def __post_init__(self) -> None:
        if (self.successes > self.n).any() or (self.reference_successes > self.reference_n).any():
            raise ValueError("a stratum has more successes than participants")

    @property
    def informative(self) -> "StratifiedProportions":
        """The strata with subjects in both arms; the others say nothing of a comparison."""
        both = (self.n > 0) & (self.reference_n > 0)
        return StratifiedProportions(
            self.successes[both],
            self.n[both],
            self.reference_successes[both],
            self.reference_n[both],
        )


def mantel_haenszel_difference(data: StratifiedProportions, conf_level: float) -> Proportion | None:
    """Difference active minus reference with Sato's interval; None without a common stratum."""
    common = data.informative
    a, n1, c, n2 = common.successes, common.n, common.reference_successes, common.reference_n
    if not a.size:
        return None
    total = n1 + n2
    weight = float((n1 * n2 / total).sum())
    estimate = float(((a * n2 - c * n1) / total).sum()) / weight
    p = ((n1 / total) ** 2 * c - (n2 / total) ** 2 * a + n1 * n2 * (n2 - n1) / (2 * total**2)).sum()
    q = ((a * (n2 - c) + c * (n1 - a)) / (2 * total)).sum()
    half = _z(conf_level) * float(np.sqrt(max(estimate * p + q, 0.0))) / weight
    return Proportion(estimate, max(estimate - half, -1.0), min(estimate + half, 1.0))


def mantel_haenszel_risk_ratio(data: StratifiedProportions, conf_level: float) -> Proportion | None:
    """Ratio of active over reference; None where an arm has no success in any common stratum.

    Nor is there one where everybody responded: the variance is then zero, and certain limits of 1
    would be claimed.
    """
    common = data.informative
    a, n1, c, n2 = common.successes, common.n, common.reference_successes, common.reference_n
    total = n1 + n2
    if float((a + c).sum()) == float(total.sum()):
        return None
    top, bottom = float((a * n2 / total).sum()), float((c * n1 / total).sum())
    if top == 0 or bottom == 0:
        return None
    variance = float(((n1 * n2 * (a + c) / total - a * c) / total).sum()) / (top * bottom)
    ratio = top / bottom
    half = _z(conf_level) * float(np.sqrt(variance))
    return Proportion(ratio, ratio * float(np.exp(-half)), ratio * float(np.exp(half)))


def _z(conf_level: float) -> float:
    return float(norm.ppf(0.5 + conf_level / 2))
