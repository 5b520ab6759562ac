"""Linear combinations of the coefficients of a linear mixed model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ketaoutcomes.numerics.linear_combination import (
    ContrastResult,
    FTest,
    ScaledF,
    fai_cornelius,
    kenward_roger_f,
    satterthwaite_df,
    tested,
    wald,
)
from ketaoutcomes.numerics.mixed.linear import LinearMixedFit

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class MixedInference:
    """How uncertainty about beta is measured.

    Attributes
    ----------
    df_method : str
        "satterthwaite" (observed information of the covariance parameters, as lmerTest) or
        "kenward-roger" (expected information, as pbkrtest).

    Raises
    ------
    ValueError
        If Kenward-Roger is asked for after ML.
    """

    fit: LinearMixedFit
    df_method: str = "satterthwaite"

    def __post_init__(self) -> None:
        if self.kenward_roger and not self.fit.reml:
            raise ValueError("Kenward-Roger is defined for REML only")

    @property
    def kenward_roger(self) -> bool:
        """Whether standard errors and degrees of freedom are Kenward and Roger's."""
        return self.df_method == "kenward-roger"

    @property
    def covariance(self) -> FloatArray:
        """Covariance of beta, shape (p, p)."""
        fit = self.fit
        return fit.kenward_roger_covariance if self.kenward_roger else fit.beta_covariance


def mixed_contrast(
    inference: MixedInference, c: FloatArray, conf_level: float = 0.95
) -> ContrastResult:
    """Estimate c' beta.

    Parameters
    ----------
    c : array, shape (p,)
    """
    std_error = float(np.sqrt(c @ inference.covariance @ c))
    df = _one_df(inference, c)
    return tested(float(c @ inference.fit.beta), std_error, df, conf_level)


def mixed_f_test(inference: MixedInference, L: FloatArray) -> FTest:
    """Test L beta = 0.

    Parameters
    ----------
    L : array, shape (l, p)
        Rows that others determine do not count.
    """
    found = wald(inference.fit.beta, inference.covariance, L)
    l, statistic = len(found.L), found.statistic
    if inference.kenward_roger:
        scaled = _scaled_f(inference, found.L)
        df, statistic = scaled.df, statistic * scaled.scale
    else:
        _, vectors = np.linalg.eigh(found.covariance)
        df = fai_cornelius([_one_df(inference, v @ found.L) for v in vectors.T])
    return FTest(l, df, statistic, float(stats.f.sf(statistic, l, df)))


def _one_df(inference: MixedInference, c: FloatArray) -> float:
    if inference.kenward_roger:
        return _scaled_f(inference, c[None, :]).df
    fit = inference.fit
    precision = fit.satterthwaite
    slope = np.einsum("a,iab,b->i", c, precision.slopes, c)
    variance = float(c @ fit.beta_covariance @ c)
    return satterthwaite_df(variance, slope, precision.parameter_covariance)


def _scaled_f(inference: MixedInference, L: FloatArray) -> ScaledF:
    fit = inference.fit
    precision = fit.kenward_roger
    return kenward_roger_f(fit.beta_covariance, precision.slopes, precision.parameter_covariance, L)
