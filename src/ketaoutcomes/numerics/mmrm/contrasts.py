"""Linear combinations of beta: estimates, intervals and F tests with their degrees of freedom."""

from dataclasses import dataclass
from functools import cached_property

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
from ketaoutcomes.numerics.mmrm.covariance import is_linear
from ketaoutcomes.numerics.mmrm.fit import MmrmFit
from ketaoutcomes.numerics.mmrm.kenward_roger import Derivatives, adjusted_covariance
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows
from ketaoutcomes.numerics.mmrm.sandwich import sandwich
from ketaoutcomes.numerics.sandwich import POWERS, Sandwich, sandwich_df

FloatArray = NDArray[np.float64]

__all__ = ["ContrastResult", "FTest", "Inference", "contrast", "f_test"]


def needs_rows(df_method: str, covariance_kind: str) -> bool:
    """Whether uncertainty about beta rests on the subjects' rows, not on sums of them alone."""
    return covariance_kind != "model" or df_method == "between-within"


@dataclass(frozen=True)
class Inference:
    """How uncertainty about beta is measured.

    Attributes
    ----------
    fit : MmrmFit
    df_method : str
        "satterthwaite", "between-within", "residual" or a form of Kenward and Roger's:
        "kenward-roger-linear" leaves out the second derivatives of V, "kenward-roger-mmrm" takes
        those by the parameters of R's mmrm, and "kenward-roger" those only where V is not linear in
        its variances and covariances.
    covariance_kind : {"model", "empirical", "cr2", "cr3"}
    rows : SubjectRows, optional
        Needed by the empirical covariances and by "between-within".

    Raises
    ------
    ValueError
        If Kenward-Roger is asked for with an empirical covariance or without REML, or `rows` are
        missing where they are needed.
    """

    fit: MmrmFit
    df_method: str = "satterthwaite"
    covariance_kind: str = "model"
    rows: SubjectRows | None = None

    def __post_init__(self) -> None:
        kenward_roger = self.df_method.startswith("kenward-roger")
        if kenward_roger and self.covariance_kind != "model":
            raise ValueError("Kenward-Roger has a covariance of its own; use covariance `model`")
        if kenward_roger and not self.fit.model.reml:
            raise ValueError("Kenward-Roger is defined for REML only")
        if self.rows is None and needs_rows(self.df_method, self.covariance_kind):
            raise ValueError(
                "empirical covariances and between-within df need the participants' rows"
            )

    @cached_property
    def derivatives(self) -> Derivatives:
        """Derivatives of X'V^-1 X by theta."""
        return Derivatives(self.fit)

    @cached_property
    def sandwich(self) -> Sandwich:
        """The empirical covariance."""
        assert self.rows is not None
        return sandwich(self.fit, self.rows, self.covariance_kind)

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of beta, shape (p, p)."""
        return self.covariance_of(np.eye(self.fit.beta.size))

    def covariance_of(self, L: FloatArray) -> FloatArray:
        """Covariance of linear combinations of beta, one a row of L."""
        own = self.fit.own_rows(L)
        return np.asarray(own @ self.own_covariance @ own.T)

    @cached_property
    def own_covariance(self) -> FloatArray:
        """Covariance of the coefficients of the centred columns, shape (p, p)."""
        if self.df_method.startswith("kenward-roger"):
            return adjusted_covariance(self.fit, self.derivatives, linear=self._linear)
        if self.covariance_kind in POWERS:
            return self.sandwich.covariance
        return self.fit.at.M_inverse

    @property
    def _linear(self) -> bool:
        """Whether the form of Kenward and Roger has no second derivatives."""
        model = self.fit.model
        by_structure = is_linear(model.structure_name, model.statistics.n_visits)
        return {"kenward-roger-linear": True, "kenward-roger": by_structure}.get(
            self.df_method, False
        )

    @cached_property
    def between_within_df(self) -> FloatArray:
        """Degrees of freedom of each coefficient, shape (p,).

        A column that varies within some subject takes the within df, observations less subjects
        less such columns (the intercept too); any other the between df, subjects less such columns
        and the intercept. Schluchter & Elashoff 1990, J Stat Comput Simul 37:69-87.
        """
        assert self.rows is not None
        X, seen = self.rows.X, self.rows.observed[..., None]
        low = np.where(seen, X, np.inf).min(axis=1)
        high = np.where(seen, X, -np.inf).max(axis=1)
        varies = ((high - low) > 1e-12).any(axis=0)
        constant = np.ptp(X[self.rows.observed], axis=0) < 1e-12
        between = ~varies & ~constant
        within_df = self.fit.n_obs - self.fit.n_subjects - int(varies.sum())
        between_df = self.fit.n_subjects - int(between.sum()) - int(constant.any())
        return np.where(between, float(between_df), float(within_df))


def contrast(inference: Inference, c: FloatArray, conf_level: float = 0.95) -> ContrastResult:
    """Estimate c' beta.

    Parameters
    ----------
    c : array, shape (p,)
    """
    own = inference.fit.own_rows(c)
    estimate = float(own @ inference.fit.own_beta)
    std_error = float(np.sqrt(own @ inference.own_covariance @ own))
    df = _one_df(inference, c, own)
    return tested(estimate, std_error, df, conf_level)


def f_test(inference: Inference, L: FloatArray) -> FTest:
    """Test L beta = 0.

    Parameters
    ----------
    L : array, shape (l, p)
        Rows that others determine do not count.
    """
    own = inference.fit.own_rows(L)
    found = wald(inference.fit.own_beta, inference.own_covariance, own)
    l, statistic = len(found.L), found.statistic
    df = _several_df(inference, L, found.L, found.covariance)
    if inference.df_method.startswith("kenward-roger"):
        statistic *= _scaled_f(inference, found.L).scale
    return FTest(l, df, statistic, float(distributions.f.sf(statistic, l, df)))


def _one_df(inference: Inference, c: FloatArray, own: FloatArray) -> float:
    """Degrees of freedom of c' beta, which is `own` times the coefficients of centred columns."""
    fit = inference.fit
    match inference.df_method:
        case "residual":
            return float(fit.n_obs - fit.model.statistics.p)
        case "between-within":
            return float(inference.between_within_df[np.abs(c) > 1e-12].min())
        case "satterthwaite":
            return _satterthwaite(inference, own)
        case _:
            return _scaled_f(inference, own[None, :]).df


def _satterthwaite(inference: Inference, own: FloatArray) -> float:
    if inference.covariance_kind in POWERS:
        return sandwich_df(inference.sandwich, own)
    fit = inference.fit
    variance = float(own @ fit.at.M_inverse @ own)
    slope = np.einsum("a,iab,b->i", own, fit.own_covariance_derivatives, own, optimize=True)
    return satterthwaite_df(variance, slope, fit.theta_covariance)


def _several_df(
    inference: Inference, L: FloatArray, own: FloatArray, covariance: FloatArray
) -> float:
    """Denominator df; Satterthwaite's by Fai & Cornelius."""
    match inference.df_method:
        case "residual":
            return float(inference.fit.n_obs - inference.fit.model.statistics.p)
        case "between-within":
            return float(inference.between_within_df[(np.abs(L) > 1e-12).any(axis=0)].min())
        case "satterthwaite":
            _, vectors = np.linalg.eigh(covariance)
            return fai_cornelius([_satterthwaite(inference, v @ own) for v in vectors.T])
        case _:
            return _scaled_f(inference, own).df


def _scaled_f(inference: Inference, own: FloatArray) -> ScaledF:
    fit = inference.fit
    return kenward_roger_f(
        fit.at.M_inverse, fit.own_covariance_derivatives, fit.theta_covariance, own
    )
