"""Effects of independent studies pooled, with how far their true effects spread.

Own code where statsmodels 0.14 has nothing: restricted likelihood, intervals of the variance
between studies, the prediction interval, and the regression test. Its `combine_effects` is a
witness in the tests.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ketaoutcomes.numerics.distributions import chi2, norm, t
from ketaoutcomes.numerics.meta_analysis.spread import (
    Estimator,
    FloatArray,
    between_studies,
    weighted,
    where_q_is,
)

Interval = Literal["hartung-knapp", "normal"]
LEAST_FOR_SPREAD = 2
LEAST_FOR_PREDICTION = 3


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
        R Stat Soc A 172:137-159, eq. 12: t with k - 2 degrees of freedom, unless others are asked
        for); None below three studies.
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
    *,
    fewer_df: int = 2,
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
        error than the normal one (Röver, Knapp & Friede 2015, BMC Med Res Methodol 15:99): where
        studies agree by chance the interval would be too narrow. Normal for "none" and one study.
    fewer_df : {1, 2}
        By how many the degrees of freedom of the prediction interval are fewer than the studies.
    """
    k = y.size
    ones = np.ones((k, 1))
    tau2 = between_studies(y, v, estimator, ones) if k >= LEAST_FOR_SPREAD else 0.0
    fit = weighted(y, v, ones, tau2)
    mean = float(fit.beta[0])
    variance, df = float(fit.covariance[0, 0]), np.inf
    if interval == "hartung-knapp" and estimator != "none" and k >= LEAST_FOR_SPREAD:
        variance *= max(fit.q / (k - 1), 1.0)
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
        prediction=_prediction(mean, variance + tau2, k - fewer_df, conf_level)
        if k >= LEAST_FOR_PREDICTION and estimator != "none"
        else None,
        heterogeneity=_heterogeneity(y, v, tau2, conf_level) if k >= LEAST_FOR_SPREAD else None,
        weights=fit.w / fit.w.sum(),
    )


def _prediction(mean: float, variance: float, df: int, conf_level: float) -> tuple[float, float]:
    half = float(t.ppf(0.5 + conf_level / 2, df)) * variance**0.5
    return mean - half, mean + half


def _heterogeneity(y: FloatArray, v: FloatArray, tau2: float, conf_level: float) -> Heterogeneity:
    """Q, the interval of tau2 by the Q profile (Viechtbauer 2007, Stat Med 26:37-52), and I2."""
    df = y.size - 1
    ones = np.ones((y.size, 1))
    q = weighted(y, v, ones, 0.0).q
    tail = (1 - conf_level) / 2
    limits = (float(chi2.isf(tail, df)), float(chi2.ppf(tail, df)))
    low, high = (where_q_is(y, v, ones, limit) for limit in limits)
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


def study_interval(effect: float, variance: float, conf_level: float) -> tuple[float, float]:
    """Normal interval of one study."""
    half = float(norm.ppf(0.5 + conf_level / 2)) * variance**0.5
    return effect - half, effect + half
