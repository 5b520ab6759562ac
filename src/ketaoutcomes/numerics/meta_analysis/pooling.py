"""Effects of independent studies pooled, with how far their true effects spread.

Own code where statsmodels 0.14 has nothing: restricted likelihood, intervals of the variance
between studies, the prediction interval, and the regression test. Its `combine_effects` is a
witness in the tests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2, norm, t

FloatArray = NDArray[np.float64]
Estimator = Literal["reml", "paule-mandel", "dersimonian-laird", "none"]
Interval = Literal["hartung-knapp", "normal"]
LEAST_FOR_SPREAD = 2
LEAST_FOR_PREDICTION = 3
STEPS_OF_SEARCH = 200


@dataclass(frozen=True)
class Heterogeneity:
    """How far the studies differ.

    Attributes
    ----------
    tau2 : float
        Variance of the true effects; `conf_low` and `conf_high` are its interval by the Q profile.
    q, df, p_value : float
        Cochran's test that all true effects are the same.
    i2, i2_low, i2_high : float
        Share of the variation that is not of sampling, per cent, with the interval of tau2.
    """

    tau2: float
    conf_low: float
    conf_high: float
    q: float
    df: int
    p_value: float
    i2: float
    i2_low: float
    i2_high: float


@dataclass(frozen=True)
class Pooled:
    """The mean of the true effects.

    Attributes
    ----------
    df : float
        Infinite where the interval is normal.
    prediction : (float, float) or None
        Where the true effect of a new study is expected (Higgins, Thompson & Spiegelhalter 2009, J
        R Stat Soc A 172:137-159, eq. 12: t with k - 2 degrees of freedom); None below three
        studies.
    weights : array, shape (k,)
        Shares of the studies, adding up to 1.
    """

    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float
    prediction: tuple[float, float] | None
    heterogeneity: Heterogeneity | None
    weights: FloatArray


def pool(
    y: FloatArray,
    v: FloatArray,
    estimator: Estimator = "reml",
    interval: Interval = "hartung-knapp",
    conf_level: float = 0.95,
) -> Pooled:
    """Pool effects.

    Parameters
    ----------
    y, v : array, shape (k,)
        Effects and their sampling variances; k of 1 is that study.
    estimator : str
        Of the variance between studies; "none" takes all true effects for the same.
    interval : str
        Normal, or with t by Hartung & Knapp 2001 (Stat Med 20:3875-3889), never with a smaller
        error than the normal one (Roever, Knapp & Friede 2015, BMC Med Res Methodol 15:99): where
        studies agree by chance the interval would be too narrow. Normal for "none" and one study.
    """
    k = y.size
    tau2 = between_studies(y, v, estimator) if k >= LEAST_FOR_SPREAD else 0.0
    w = 1 / (v + tau2)
    mean = float(w @ y / w.sum())
    variance, df = float(1 / w.sum()), np.inf
    if interval == "hartung-knapp" and estimator != "none" and k >= LEAST_FOR_SPREAD:
        variance *= max(float(w @ (y - mean) ** 2) / (k - 1), 1.0)
        df = k - 1.0
    error = variance**0.5
    half = float(t.ppf(0.5 + conf_level / 2, df)) * error
    statistic = mean / error if error > 0 else np.copysign(np.inf, mean)
    return Pooled(
        estimate=mean,
        std_error=error,
        df=df,
        statistic=float(statistic),
        p_value=float(2 * t.sf(abs(statistic), df)),
        conf_low=mean - half,
        conf_high=mean + half,
        prediction=_prediction(mean, variance + tau2, k, conf_level)
        if k >= LEAST_FOR_PREDICTION and estimator != "none"
        else None,
        heterogeneity=_heterogeneity(y, v, tau2, conf_level) if k >= LEAST_FOR_SPREAD else None,
        weights=w / w.sum(),
    )


def _prediction(mean: float, variance: float, k: int, conf_level: float) -> tuple[float, float]:
    half = float(t.ppf(0.5 + conf_level / 2, k - 2)) * variance**0.5
    return mean - half, mean + half


def between_studies(y: FloatArray, v: FloatArray, estimator: Estimator) -> float:
    """The variance of the true effects, at least 0.

    Restricted maximum likelihood (Viechtbauer 2005, J Educ Behav Stat 30:261-293), Paule & Mandel
    1982 (J Res Natl Bur Stand 87:377-385), or DerSimonian & Laird 1986 (Control Clin Trials
    7:177-188).
    """
    if estimator == "none":
        return 0.0
    if estimator == "dersimonian-laird":
        w = 1 / v
        excess = _q(y, v, 0.0) - (y.size - 1)
        return max(excess / float(w.sum() - (w @ w) / w.sum()), 0.0)
    if estimator == "paule-mandel":
        return _root(partial(_q_less, y, v, y.size - 1.0), _scale(y, v))
    return _most_likely(y, v)


def _most_likely(y: FloatArray, v: FloatArray) -> float:
    """The variance of the highest restricted likelihood.

    Where precise and vague studies are pooled the likelihood can have several summits, one of them
    at 0; so each place where its slope turns from up to down is found, and the highest is taken.
    """
    slope = partial(_score, y, v)
    top = _scale(y, v)
    while slope(top) > 0:
        top *= 2
    grid = [0.0, *np.geomspace(1e-3 * v.min(), top, STEPS_OF_SEARCH).tolist()]
    slopes = [slope(tau2) for tau2 in grid]
    summits = [
        float(brentq(slope, low, high, xtol=1e-14 * top, rtol=1e-13))
        for (low, high), (before, after) in zip(pairwise(grid), pairwise(slopes), strict=True)
        if before > 0 >= after
    ]
    return max([0.0, *summits], key=partial(_log_likelihood, y, v))


def _log_likelihood(y: FloatArray, v: FloatArray, tau2: float) -> float:
    """Restricted log likelihood without its constant."""
    w = 1 / (v + tau2)
    return float(np.log(w).sum() - np.log(w.sum()) - _q(y, v, tau2)) / 2


def _scale(y: FloatArray, v: FloatArray) -> float:
    return float(np.var(y) + v.max())


def _q(y: FloatArray, v: FloatArray, tau2: float) -> float:
    """Cochran's Q with the variance between studies counted in."""
    w = 1 / (v + tau2)
    return float(w @ (y - w @ y / w.sum()) ** 2)


def _q_less(y: FloatArray, v: FloatArray, limit: float, tau2: float) -> float:
    return _q(y, v, tau2) - limit


def _score(y: FloatArray, v: FloatArray, tau2: float) -> float:
    """Slope of the restricted log likelihood in tau2, times two."""
    w = 1 / (v + tau2)
    residual = y - w @ y / w.sum()
    return float((w * residual) @ (w * residual) - w.sum() + (w @ w) / w.sum())


def _root(function: Callable[[float], float], scale: float) -> float:
    """Where a function that falls comes down to 0; 0 where it begins below it."""
    if function(0.0) <= 0:
        return 0.0
    high = scale
    while function(high) > 0:
        high *= 2
    return float(brentq(function, 0.0, high, xtol=1e-14 * scale, rtol=1e-13))


def _heterogeneity(y: FloatArray, v: FloatArray, tau2: float, conf_level: float) -> Heterogeneity:
    """Q, the interval of tau2 by the Q profile (Viechtbauer 2007, Stat Med 26:37-52), and I2."""
    df = y.size - 1
    q = _q(y, v, 0.0)
    tail = (1 - conf_level) / 2
    limits = (float(chi2.isf(tail, df)), float(chi2.ppf(tail, df)))
    low, high = (_root(partial(_q_less, y, v, limit), _scale(y, v)) for limit in limits)
    w = 1 / v
    typical = df * float(w.sum() / (w.sum() ** 2 - w @ w))
    share = [100 * value / (value + typical) for value in (tau2, low, high)]
    return Heterogeneity(tau2, low, high, q, df, float(chi2.sf(q, df)), *share)


@dataclass(frozen=True)
class SmallStudies:
    """The regression test that small studies find other effects.

    Attributes
    ----------
    bias : float
        The intercept of effect / error on 1 / error: how far small studies stand off, in errors.
    """

    bias: float
    std_error: float
    df: int
    statistic: float
    p_value: float


def small_study_effects(y: FloatArray, v: FloatArray) -> SmallStudies:
    """Egger, Davey Smith, Schneider & Minder 1997, BMJ 315:629-634."""
    error = np.sqrt(v)
    X = np.column_stack([np.ones(y.size), 1 / error])
    z = y / error
    inverse = np.linalg.inv(X.T @ X)
    beta = inverse @ X.T @ z
    df = y.size - 2
    residual = z - X @ beta
    std_error = float(np.sqrt(inverse[0, 0] * (residual @ residual) / df))
    statistic = float(beta[0]) / std_error
    return SmallStudies(
        float(beta[0]), std_error, df, statistic, float(2 * t.sf(abs(statistic), df))
    )


def without_each(
    y: FloatArray, v: FloatArray, estimator: Estimator, interval: Interval, conf_level: float
) -> tuple[Pooled, ...]:
    """The pooled effect without one study after the other."""
    return tuple(
        pool(np.delete(y, i), np.delete(v, i), estimator, interval, conf_level)
        for i in range(y.size)
    )


@dataclass(frozen=True)
class BetweenGroups:
    """Test that groups of studies have the same mean effect."""

    q: float
    df: int
    p_value: float


def between_groups(groups: tuple[Pooled, ...]) -> BetweenGroups:
    """Q between pooled groups (Borenstein & Higgins 2013, Prev Sci 14:134-143)."""
    y = np.array([group.estimate for group in groups])
    v = np.array([group.std_error**2 for group in groups])
    q, df = _q(y, v, 0.0), len(groups) - 1
    return BetweenGroups(q, df, float(chi2.sf(q, df)))


def study_interval(effect: float, variance: float, conf_level: float) -> tuple[float, float]:
    """Normal interval of one study."""
    half = float(norm.ppf(0.5 + conf_level / 2)) * variance**0.5
    return effect - half, effect + half
