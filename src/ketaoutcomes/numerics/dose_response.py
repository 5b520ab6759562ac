"""Dose response from estimates at each dose: shapes tested together, and an Emax curve.

Bretz, Pinheiro & Branson 2005, Biometrics 61:738-748 (MCP-Mod); Pinheiro, Bornkamp, Glimm & Bretz
2014, Stat Med 33:1646-1661 (from estimates mu with covariance S, as here); Dunnett 1955, JASA
50:1096-1121 (all doses against a control).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from ketaoutcomes.numerics.multiplicity.max_t import MaxT

FloatArray = NDArray[np.float64]
ShapeName = Literal["linear", "log_linear", "emax", "sigmoid_emax", "exponential"]


SEARCH = (0.001, 1.5)
"""ED50 is sought between these parts of the highest dose, as in R's DoseFinding."""


def shape(name: ShapeName, doses: FloatArray, parameter: float, hill: float = 1.0) -> FloatArray:
    """Response by dose, up to location and scale.

    Parameters
    ----------
    parameter : float
        ED50 of the Emax shapes, delta of the exponential, the offset of the log-linear.
    """
    match name:
        case "linear":
            return doses.astype(float)
        case "log_linear":
            return np.log(doses + parameter)
        case "exponential":
            return np.expm1(doses / parameter)
        case "emax":
            return doses / (parameter + doses)
        case "sigmoid_emax":
            return doses**hill / (parameter**hill + doses**hill)


def optimal_contrast(f: FloatArray, S: FloatArray) -> FloatArray:
    """The contrast of unit length that best detects a shape (their equation 3).

    Parameters
    ----------
    f : array, shape (k,)
        The shape at the doses.
    S : array, shape (k, k)
        Covariance of the estimates.
    """
    one = np.ones_like(f)
    Si_f, Si_1 = np.linalg.solve(S, np.column_stack([f, one])).T
    c = Si_f - (one @ Si_f) / (one @ Si_1) * Si_1
    return np.asarray(c / np.linalg.norm(c))


@dataclass(frozen=True)
class ContrastTests:
    """Several contrasts of the same estimates, tested together.

    Attributes
    ----------
    estimate, std_error, statistic : array, shape (m,)
    p_value : array, shape (m,)
        Adjusted for all m by the joint distribution of the statistics.
    largest : MaxT
        Distribution of the largest, which gives simultaneous intervals.
    """

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    largest: MaxT


def joint_tests(
    mu: FloatArray, S: FloatArray, contrasts: FloatArray, df: float, *, two_sided: bool
) -> ContrastTests:
    """Test contrasts together (single step).

    Parameters
    ----------
    contrasts : array, shape (m, k)
    df : float
        Degrees of freedom; infinite for the normal distribution.
    """
    covariance = contrasts @ S @ contrasts.T
    error = np.sqrt(np.diag(covariance))
    estimate = contrasts @ mu
    statistic = estimate / error
    correlation = covariance / np.outer(error, error)
    largest = MaxT(correlation, df, two_sided=two_sided)
    p = np.array([largest.p_value(float(t)) for t in statistic])
    return ContrastTests(estimate, error, statistic, p, largest)


@dataclass(frozen=True)
class EmaxFit:
    """A fitted curve e0 + emax d / (ed50 + d).

    Attributes
    ----------
    e0, emax, ed50 : float
    covariance : array, shape (3, 3)
        Of (e0, emax, log ed50).
    at_bound : bool
        ED50 lies at an end of the search: the doses do not determine it.
    """

    e0: float
    emax: float
    ed50: float
    covariance: FloatArray
    at_bound: bool

    def at(self, doses: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and standard error at doses."""
        share = doses / (self.ed50 + doses)
        slope = -self.emax * share * (1 - share)
        gradient = np.column_stack([np.ones_like(doses), share, slope])
        variance = np.einsum("ij,jk,ik->i", gradient, self.covariance, gradient)
        return self.e0 + self.emax * share, np.sqrt(np.maximum(variance, 0))


def fit_emax(doses: FloatArray, mu: FloatArray, S: FloatArray) -> EmaxFit:
    """Generalised least squares; e0 and emax follow in closed form from each ED50."""
    Si = np.linalg.inv(S)

    def linear(log_ed50: float) -> tuple[FloatArray, float]:
        F = np.column_stack([np.ones_like(doses), shape("emax", doses, np.exp(log_ed50))])
        beta = np.linalg.solve(F.T @ Si @ F, F.T @ Si @ mu)
        rest = mu - F @ beta
        return np.asarray(beta, dtype=float), float(rest @ Si @ rest)

    low, high = (float(np.log(part * doses.max())) for part in SEARCH)
    # The criterion may have two valleys: the best point of a grid is the start.
    grid = np.linspace(low, high, 60)
    start = int(np.argmin([linear(at)[1] for at in grid]))
    bracket = (grid[max(start - 1, 0)], grid[min(start + 1, grid.size - 1)])
    found = minimize_scalar(
        lambda at: linear(at)[1], bounds=bracket, method="bounded", options={"xatol": 1e-10}
    )
    at = float(found.x)
    e0, emax = linear(at)[0]
    ed50 = float(np.exp(at))
    share = doses / (ed50 + doses)
    F = np.column_stack([np.ones_like(doses), share, -emax * share * (1 - share)])
    information = F.T @ Si @ F
    return EmaxFit(
        e0=float(e0),
        emax=float(emax),
        ed50=ed50,
        covariance=np.linalg.pinv(information),
        at_bound=min(at - low, high - at) < 1e-3,
    )
