"""Yes or no twice in the same participants: McNemar's tests and the paired risk difference.

McNemar 1947, Psychometrika 12:153-157; Fagerland et al. 2013, BMC Med Res Methodol 13:91 (mid-P);
Newcombe 1998, Stat Med 17:2635-2650 (method 10: two Wilson intervals and their correlation).
"""

from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.proportions import Proportion, wilson


@dataclass(frozen=True)
class PairedTable:
    """Participants by what they said at the first visit and at a later one.

    Attributes
    ----------
    both, lost, gained, neither : int
        Yes at both; yes at the first alone; yes at the later one alone; no at both.

    Raises
    ------
    ValueError
        If a count is negative or there is no participant.
    """

    both: int
    lost: int
    gained: int
    neither: int

    def __post_init__(self) -> None:
        if min(self.both, self.lost, self.gained, self.neither) < 0 or self.n == 0:
            raise ValueError("a table of pairs needs a participant and no negative count")

    @property
    def n(self) -> int:
        """Participants."""
        return self.both + self.lost + self.gained + self.neither

    @property
    def first(self) -> int:
        """Those with a yes at the first visit."""
        return self.both + self.lost

    @property
    def later(self) -> int:
        """Those with a yes at the later visit."""
        return self.both + self.gained


def paired_risk_difference(pairs: PairedTable, conf_level: float) -> Proportion:
    """The later share less the first, with Newcombe's interval of method 10."""
    first = wilson(pairs.first, pairs.n, conf_level)
    later = wilson(pairs.later, pairs.n, conf_level)
    phi = _correlation(pairs)
    difference = (pairs.gained - pairs.lost) / pairs.n
    below = _together(later.estimate - later.conf_low, first.conf_high - first.estimate, phi)
    above = _together(later.conf_high - later.estimate, first.estimate - first.conf_low, phi)
    return Proportion(difference, difference - below, difference + above)


def _together(one: float, other: float, phi: float) -> float:
    """The distance of a limit from a difference, from those of two correlated shares."""
    return float(np.sqrt(one**2 - 2 * phi * one * other + other**2))


def _correlation(pairs: PairedTable) -> float:
    """Newcombe's correlation of pairs: with a correction for continuity where it is positive."""
    margins = pairs.first * (pairs.n - pairs.first) * pairs.later * (pairs.n - pairs.later)
    if margins == 0:
        return 0.0
    product = pairs.both * pairs.neither - pairs.lost * pairs.gained
    corrected = max(product - pairs.n / 2, 0.0) if product > 0 else product
    return float(corrected / np.sqrt(margins))


def mcnemar_p_value(pairs: PairedTable, *, mid: bool) -> float:
    """Two-sided p-value of McNemar's exact conditional test, or its mid-P version.

    Of the participants who changed, as many as not gain under the null hypothesis. The mid-P value
    is less by the probability of the observed table.
    """
    from scipy.stats import binom  # noqa: PLC0415 - slow to import

    changed = pairs.lost + pairs.gained
    fewer = min(pairs.lost, pairs.gained)
    tail = 2 * float(binom.cdf(fewer, changed, 0.5))
    observed = float(binom.pmf(fewer, changed, 0.5))
    if pairs.lost == pairs.gained:
        return 1 - observed / 2 if mid and changed else 1.0
    return min(tail, 1.0) - (observed if mid else 0.0)
