"""Results of completed datasets become one estimate.

Rubin 1987, Multiple Imputation for Nonresponse in Surveys, chapter 3; degrees of freedom of Barnard
& Rubin 1999, Biometrika 86:948-955; for conditional-mean imputation the jackknife and bootstrap of
Wolbers, Noci, Delmar, Gower-Page, Yiu & Bartlett 2022, Pharm Stat 21:1246-1257.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.imputation.ancova import Analysed

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """One estimate with its two-sided test against zero; arrays where several were pooled."""

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray

    @property
    def statistic(self) -> FloatArray:
        """Estimate over standard error; not finite where that is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.estimate / self.std_error)

    @property
    def p_value(self) -> FloatArray:
        """Two-sided, from Student's t."""
        return np.asarray(2 * special.stdtr(self.df, -np.abs(self.statistic)))

    def limits(self, conf_level: float) -> tuple[FloatArray, FloatArray]:
        """Confidence limits."""
        half = distributions.t.ppf(0.5 + conf_level / 2, self.df) * self.std_error
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True)
class MonteCarloError:
    """Standard errors due to the number of imputations alone."""

    estimate: float
    std_error: float
    p_value: float


def pool_by_rubin(analysed: Analysed) -> Pooled:
    """Rubin's rules with the degrees of freedom of Barnard and Rubin.

    Raises
    ------
    ValueError
        With fewer than two imputations.
    """
    if len(analysed.estimate) < 2:
        raise ValueError("Rubin's rules need at least two imputations")
    return _pool(
        analysed.estimate.mean(axis=0),
        (analysed.std_error**2).mean(axis=0),
        analysed.estimate.var(axis=0, ddof=1),
        len(analysed.estimate),
        analysed.df,
    )


def _pool(
    estimate: FloatArray, within: FloatArray, between: FloatArray, M: int, complete_df: float
) -> Pooled:
    added = (1 + 1 / M) * between
    total = within + added
    # without any variance there is nothing missing
    share = added / np.where(total > 0, total, 1.0)
    with np.errstate(divide="ignore"):
        df = (M - 1) / share**2
        if np.isfinite(complete_df):
            observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
            df = 1 / (1 / df + 1 / observed)
    return Pooled(estimate, np.sqrt(total), np.asarray(df))


def missing_information(analysed: Analysed) -> float:
    """Share of the total variance that is due to the missing outcomes."""
    added = (1 + 1 / len(analysed.estimate)) * float(analysed.estimate.var(ddof=1))
    total = added + float((analysed.std_error**2).mean())
    return added / total if total > 0 else 0.0


def monte_carlo_error(analysed: Analysed) -> MonteCarloError:
    """Jackknife over the imputations: Royston, Carlin & White 2009, Stata J 9:252-264."""
    M, e, v = len(analysed.estimate), analysed.estimate, analysed.std_error**2
    mean = (e.sum() - e) / (M - 1)
    squares = ((e - e.mean()) ** 2).sum() - (e - e.mean()) ** 2 * M / (M - 1)
    without = _pool(mean, (v.sum() - v) / (M - 1), squares / (M - 2), M - 1, analysed.df)

    def error(values: FloatArray) -> float:
        return float(np.sqrt((M - 1) / M * ((values - values.mean()) ** 2).sum()))

    return MonteCarloError(
        error(without.estimate), error(without.std_error), error(without.p_value)
    )


def pool_jackknife(whole: FloatArray, without_one: FloatArray) -> Pooled:
    """The estimate of the whole trial with the standard error of the jackknife; normal reference.

    Parameters
    ----------
    whole : array, shape (...)
    without_one : array, shape (n_subjects, ...)
    """
    n = len(without_one)
    spread = ((without_one - without_one.mean(axis=0)) ** 2).sum(axis=0)
    whole = np.asarray(whole)
    return Pooled(whole, np.sqrt((n - 1) / n * spread), np.full(whole.shape, np.inf))


def pool_bootstrap(whole: FloatArray, resampled: FloatArray) -> Pooled:
    """The estimate of the whole trial with the standard deviation over bootstrap samples.

    Parameters
    ----------
    whole : array, shape (...)
    resampled : array, shape (n_samples, ...)
    """
    whole = np.asarray(whole)
    return Pooled(whole, resampled.std(axis=0, ddof=1), np.full(whole.shape, np.inf))
