"""Gray's test that the cumulative incidence of a cause is the same in all groups.

Gray 1988, Ann Stat 16:1141-1154.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.distributions import chi2
from ketaoutcomes.numerics.survival.competing_risks import event_codes
from ketaoutcomes.numerics.survival.counting import FloatArray, IntArray, observations


@dataclass(frozen=True)
class GrayTest:
    """Chi-squared test of one cause; NaN, with the reason, if it had no event."""

    statistic: float
    df: int
    p_value: float
    groups: tuple[str, ...]
    score: FloatArray
    variance: FloatArray
    reason: str = ""


def gray_test(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    cause_of_interest: int = 1,
    *,
    rho: float = 0.0,
    strata: ArrayLike | None = None,
) -> GrayTest:
    """Compare the subdistribution hazards of groups, within strata if given.

    Parameters
    ----------
    rho : float
        Power of one minus the pooled incidence as weight.

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together.
    """
    codes = event_codes(cause)
    data = observations(time, codes > 0)
    names, member = np.unique(np.asarray(group).astype(str), return_inverse=True)
    labels = np.zeros(data.time.size) if strata is None else np.asarray(strata)
    kind = np.where(codes == 0, 0, np.where(codes == cause_of_interest, 1, 2))
    score, variance = np.zeros(names.size), np.zeros((names.size, names.size))
    for label in np.unique(labels):
        rows = labels == label
        u, v = _one_stratum(data.time[rows], kind[rows], member[rows], names.size, rho)
        score, variance = score + u, variance + v
    kept = np.flatnonzero(np.diag(variance) > 0)
    df = max(kept.size - 1, 0)
    groups = tuple(str(name) for name in names)
    if df == 0:
        nan = float("nan")
        reason = "no event of the cause while two groups were at risk"
        return GrayTest(nan, df, nan, groups, score, variance, reason)
    first = kept[:-1]
    statistic = float(score[first] @ np.linalg.solve(variance[np.ix_(first, first)], score[first]))
    return GrayTest(statistic, df, float(chi2.sf(statistic, df)), groups, score, variance)


@dataclass(frozen=True)
class _Counts:
    """By time (rows) and group (columns): events of the cause and of others, and those at risk."""

    interest: FloatArray
    other: FloatArray
    at_risk: FloatArray

    @property
    def survival(self) -> FloatArray:
        """Kaplan-Meier of any event."""
        hazard = _share(self.interest + self.other, self.at_risk)
        return np.cumprod(1 - hazard, axis=0, dtype=np.float64)


def _counts(time: FloatArray, kind: IntArray, member: IntArray, k: int) -> _Counts:
    times, place = np.unique(time, return_inverse=True)
    d = np.zeros((3, times.size, k))
    np.add.at(d, (kind, place, member), 1.0)
    return _Counts(d[1], d[2], d.sum(axis=0)[::-1].cumsum(axis=0)[::-1])


def _one_stratum(
    time: FloatArray, kind: IntArray, member: IntArray, k: int, rho: float
) -> tuple[FloatArray, FloatArray]:
    """Score, and its variance by how far each event moves it (Gray 1988, section 3)."""
    c = _counts(time, kind, member, k)
    survival = c.survival
    before = _lagged(survival, 1.0)
    incidence = _lagged(np.cumsum(before * _share(c.interest, c.at_risk), axis=0), 0.0)
    h = _share(c.at_risk, before)
    R = h * (1 - incidence)
    d, total = c.interest.sum(axis=1), h.sum(axis=1)
    step = _share(d, total)
    pooled = np.cumsum(step)
    pooled_before = _lagged(pooled[:, None], 0.0)[:, 0]
    K = (1 - pooled_before) ** rho
    expected = d[:, None] * _share(R, R.sum(axis=1)[:, None])
    score = (K[:, None] * (c.interest - expected)).sum(axis=0)
    direct = h[:, None, :] * (np.eye(k) - _share(h, total[:, None])[:, :, None])
    direct *= K[:, None, None]
    drift = direct * (step / (1 - pooled_before))[:, None, None]
    later = drift.sum(axis=0) - np.cumsum(drift, axis=0)
    left = _share(np.broadcast_to(1 - pooled[:, None], survival.shape), survival)
    by_interest = direct + np.where(survival > 0, 1 - left, 1.0)[:, None, :] * later
    by_other = left[:, None, :] * later
    spread = _tied(d[:, None], total[:, None] * before) * _share(before, c.at_risk) * step[:, None]
    variance = np.einsum("tir,tjr,tr->ij", by_interest, by_interest, spread)
    spread = _tied(c.other, c.at_risk) * _share(before, c.at_risk) ** 2 * c.other
    spread = np.where(survival > 0, spread, 0.0)
    return score, variance + np.einsum("tir,tjr,tr->ij", by_other, by_other, spread)


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Quotient, 0 where the whole is 0."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)


def _lagged(values: FloatArray, start: float) -> FloatArray:
    """Value just before each time."""
    return np.concatenate([np.full((1, values.shape[1]), start), values[:-1]])


def _tied(count: FloatArray, at_risk: FloatArray) -> FloatArray:
    """Shrink the variance of tied events as the hypergeometric law does."""
    return np.where(count > 1, 1 - (count - 1) / np.where(at_risk == 1, np.inf, at_risk - 1), 1.0)
