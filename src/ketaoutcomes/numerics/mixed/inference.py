"""Linear combinations of the coefficients of a linear mixed model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics import distributions
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
    def own_covariance(self) -> FloatArray:
        """Covariance of R beta, shape (p, p)."""
        return self.fit.own_kenward_roger if self.kenward_roger else self.fit.own_covariance


def mixed_contrast(
    inference: MixedInference, c: FloatArray, conf_level: float = 0.95
) -> ContrastResult:
    """Estimate c' beta.

    Parameters
    ----------
    c : array, shape (p,)
    """
    own = inference.fit.own_rows(c)
    std_error = float(np.sqrt(own @ inference.own_covariance @ own))
    df = _one_df(inference, own)
    return tested(float(own @ inference.fit.own_beta), std_error, df, conf_level)


def mixed_f_test(inference: MixedInference, L: FloatArray) -> FTest:
    """Test L beta = 0.

    Parameters
    ----------
    L : array, shape (l, p)
        Rows that others determine do not count.
    """
    found = wald(inference.fit.own_beta, inference.own_covariance, inference.fit.own_rows(L))
    l, statistic = len(found.L), found.statistic
    if inference.kenward_roger:
        scaled = _scaled_f(inference, found.L)
        df, statistic = scaled.df, statistic * scaled.scale
    else:
        _, vectors = np.linalg.eigh(found.covariance)
        df = fai_cornelius([_one_df(inference, v @ found.L) for v in vectors.T])
    return FTest(l, df, statistic, float(distributions.f.sf(statistic, l, df)))


def _one_df(inference: MixedInference, own: FloatArray) -> float:
    """Degrees of freedom of a linear combination of R beta."""
    if inference.kenward_roger:
        return _scaled_f(inference, own[None, :]).df
    fit = inference.fit
    precision = fit.satterthwaite
    slope = np.einsum("a,iab,b->i", own, precision.slopes, own)
    variance = float(own @ fit.own_covariance @ own)
    return satterthwaite_df(variance, slope, precision.parameter_covariance)


def _scaled_f(inference: MixedInference, L: FloatArray) -> ScaledF:
    fit = inference.fit
    precision = fit.kenward_roger
    return kenward_roger_f(fit.own_covariance, precision.slopes, precision.parameter_covariance, L)
