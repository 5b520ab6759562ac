"""Linear mixed model y = X beta + Z b + e with independent subjects, by REML or ML.

Laird & Ware 1982, Biometrics 38:963-974. The covariance V = sigma^2 I + Z G Z' is linear in the
elements of G and in sigma^2, so exact first and second derivatives need no more than each subject's
Z'Z, Z'X and Z'y. The search is over the Cholesky factor of G (Bates et al. 2015, J Stat Softw
67(1), section 2.2), which reaches a singular G as an interior point.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mixed.likelihood import (
    Covariance,
    Evaluation,
    Moments,
    evaluate,
    subject_moments,
)
from ketaoutcomes.numerics.mixed.newton import Minimum, minimise

FloatArray = NDArray[np.float64]
Structure = Literal["full", "diagonal"]

SINGULAR = 1e-8
"""Smallest eigenvalue of G, in units of the residual variance, that counts as positive."""


@dataclass(frozen=True)
class Precision:
    """What degrees of freedom and the Kenward-Roger covariance are made of.

    Attributes
    ----------
    slopes : array, shape (k, p, p)
        Derivatives by the covariance parameters of the covariance of R beta.
    parameter_covariance : array, shape (k, k)
        Covariance of those parameters.
    """

    slopes: FloatArray
    parameter_covariance: FloatArray


@dataclass(frozen=True)
class LinearMixedFit:
    """A fitted linear mixed model.

    With X = Q R, Q orthonormal, R beta are the coefficients of Q. They lose no digit where a column
    of X is far from zero, as beta's covariance does.

    Attributes
    ----------
    R : array, shape (p, p)
        Upper triangular.
    own_beta : array, shape (p,)
        R beta.
    own_covariance : array, shape (p, p)
        Of R beta, model-based.
    own_kenward_roger : array, shape (p, p)
        Of R beta: Kenward & Roger 1997, Biometrics 53:983-997; NaN after ML.
    random_covariance : array, shape (q, q)
        G.
    residual_variance, log_likelihood : float
        The likelihood is the restricted one after REML.
    random_effects : array, shape (subjects, q)
        Best linear unbiased predictors, subjects in the order of their codes.
    satterthwaite, kenward_roger : Precision
        By observed information of the Cholesky factor, and by expected information of V's elements.
    converged, singular : bool
        `singular` says that G has an eigenvalue of zero.
    messages : tuple of str
        Why the fit did not converge, or what is singular.
    """

    R: FloatArray
    own_beta: FloatArray
    own_covariance: FloatArray
    own_kenward_roger: FloatArray
    random_covariance: FloatArray
    residual_variance: float
    log_likelihood: float
    random_effects: FloatArray
    satterthwaite: Precision
    kenward_roger: Precision
    reml: bool
    n_obs: int
    n_subjects: int
    converged: bool
    singular: bool
    messages: tuple[str, ...]

    @property
    def beta(self) -> FloatArray:
        """Coefficients of X, shape (p,)."""
        return np.asarray(np.linalg.solve(self.R, self.own_beta))

    @property
    def beta_covariance(self) -> FloatArray:
        """Model-based covariance of beta, shape (p, p)."""
        return self._of_beta(self.own_covariance)

    @property
    def kenward_roger_covariance(self) -> FloatArray:
        """Kenward and Roger's covariance of beta, shape (p, p)."""
        return self._of_beta(self.own_kenward_roger)

    def own_rows(self, L: FloatArray) -> FloatArray:
        """Linear combinations of beta as those of R beta."""
        return np.asarray(np.linalg.solve(self.R.T, L.T).T)

    def _of_beta(self, own: FloatArray) -> FloatArray:
        inverse_R = np.linalg.inv(self.R)
        return np.asarray(inverse_R @ own @ inverse_R.T)


def fit_linear_mixed_model(
    y: FloatArray,
    X: FloatArray,
    Z: FloatArray,
    subject: NDArray[np.int64],
    structure: Structure = "full",
    *,
    reml: bool = True,
) -> LinearMixedFit:
    """Fit by REML or ML.

    Parameters
    ----------
    y : array, shape (n,)
    X : array, shape (n, p), of full column rank
    Z : array, shape (n, q)
        Columns of the random effects.
    subject : int array, shape (n,)
        Codes 0, 1, ...
    structure : {"full", "diagonal"}
        Whether the random effects of a subject may be correlated.

    Raises
    ------
    ValueError
        If the columns of X are linearly dependent, Z has a column of zeros, or X explains y fully.
    """
    scaling = _Scaling.of(y, X, Z)
    moments = subject_moments(scaling.Q, scaling.residual, Z / scaling.random_scale, subject)
    covariance = Covariance.of(Z.shape[1], structure == "full")
    found = minimise(
        lambda t: _objective(evaluate(moments, covariance, t, reml=reml), covariance, t),
        covariance.start,
    )
    at = evaluate(moments, covariance, found.x, reml=reml)
    return _result(scaling, covariance, found, at, moments)


def _objective(
    at: Evaluation, covariance: Covariance, t: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Minus the log-likelihood, with its derivatives by the Cholesky factor."""
    J = covariance.jacobian(t)
    curvature = J.T @ at.hessian @ J + 2 * np.einsum("k,kij->ij", at.gradient, covariance.forms)
    return -at.log_likelihood, -at.gradient @ J, -curvature


@dataclass(frozen=True)
class _Scaling:
    """The problem in units where the parameters are of order one.

    Attributes
    ----------
    Q : array, shape (n, p)
        Orthonormal basis of X's columns, X = Q R.
    own_ols : array, shape (p,)
        Coefficients of Q by least squares.
    residual : array, shape (n,)
        What X leaves of y by least squares, in units of its standard deviation.
    """

    Q: FloatArray
    R: FloatArray
    own_ols: FloatArray
    residual: FloatArray
    unit: float
    random_scale: FloatArray

    @staticmethod
    def of(y: FloatArray, X: FloatArray, Z: FloatArray) -> "_Scaling":
        norms = np.linalg.norm(X, axis=0)
        if (norms == 0).any() or np.linalg.matrix_rank(X / norms) < X.shape[1]:
            raise ValueError("the columns of X are linearly dependent")
        random_scale = np.sqrt((Z**2).mean(axis=0))
        if (random_scale == 0).any():
            raise ValueError("a random effect has no rows: its column of Z is zero")
        Q, R = np.linalg.qr(X)
        own_ols = Q.T @ y
        residual = y - Q @ own_ols
        residual = residual - Q @ (Q.T @ residual)
        unit = float(np.sqrt(residual @ residual / max(len(y) - X.shape[1], 1)))
        if unit <= 1e-10 * float(np.abs(y).max()):
            raise ValueError(
                "the fixed effects explain the response fully: nothing is left to model"
            )
        return _Scaling(Q, R, own_ols, residual / unit, unit, random_scale)


def _result(
    scaling: _Scaling, covariance: Covariance, found: Minimum, at: Evaluation, moments: Moments
) -> LinearMixedFit:
    p, n, unit = len(scaling.R), len(scaling.residual), scaling.unit
    slopes = unit**2 * at.Phi @ at.A @ at.Phi
    G, residual_variance = covariance.matrix(found.x)
    singular = float(np.linalg.eigvalsh(G)[0]) < SINGULAR * residual_variance
    expected = np.asarray(np.linalg.pinv(at.information), dtype=float)
    likelihood = at.log_likelihood - (n - p * at.reml) * np.log(unit)
    likelihood -= at.reml * float(np.log(np.abs(np.diag(scaling.R))).sum())
    return LinearMixedFit(
        R=scaling.R,
        own_beta=scaling.own_ols + unit * at.beta,
        own_covariance=unit**2 * at.Phi,
        own_kenward_roger=unit**2 * _kenward_roger(at, expected),
        random_covariance=unit**2 * G / np.outer(scaling.random_scale, scaling.random_scale),
        residual_variance=unit**2 * residual_variance,
        log_likelihood=float(likelihood),
        random_effects=unit * (at.random_scores @ G) / scaling.random_scale,
        satterthwaite=Precision(
            np.einsum("kt,kij->tij", covariance.jacobian(found.x), slopes),
            np.asarray(np.linalg.pinv(found.hessian, hermitian=True), dtype=float),
        ),
        kenward_roger=Precision(slopes, expected),
        reml=at.reml,
        n_obs=n,
        n_subjects=len(moments.S),
        converged=found.converged,
        singular=singular,
        messages=_messages(found, singular=singular),
    )


def _kenward_roger(at: Evaluation, W: FloatArray) -> FloatArray:
    """Phi + 2 Phi {sum W_kl (Q_kl - P_k Phi P_l)} Phi; V is linear, so that R_kl is zero."""
    if not at.reml:
        return np.full_like(at.Phi, np.nan)
    bias = np.einsum("kl,klij->ij", W, at.Q - np.einsum("kia,ab,lbj->klij", at.A, at.Phi, at.A))
    return np.asarray(at.Phi + 2 * at.Phi @ bias @ at.Phi)


def _messages(found: Minimum, *, singular: bool) -> tuple[str, ...]:
    boundary = (
        "the covariance of the random effects is singular: a variance is estimated as 0 "
        "or a correlation as 1 or \N{MINUS SIGN}1"
    )
    return tuple(message for message in (found.message, boundary if singular else "") if message)
