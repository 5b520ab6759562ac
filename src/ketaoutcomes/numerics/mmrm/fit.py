"""Fit the mixed model for repeated measures.

Mallinckrodt, Lane, Schnell, Peng & Mancuso 2008, Drug Inf J 42:303-319.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import SPATIAL
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError, check_identified
from ketaoutcomes.numerics.mmrm.likelihood import Evaluation
from ketaoutcomes.numerics.mmrm.model import Model
from ketaoutcomes.numerics.mmrm.optimise import Convergence, minimise
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics, merge
from ketaoutcomes.numerics.mmrm.units import standard_units

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class MmrmFit:
    """A fitted model.

    Attributes
    ----------
    model : Model
        Statistics, structure and method.
    beta : array, shape (p,)
    beta_covariance : array, shape (p, p)
        Model-based covariance of beta, (X'V^-1 X)^-1.
    theta : array, shape (n_theta,)
        Covariance parameters, in the parametrisation of R's mmrm.
    theta_covariance : array, shape (n_theta, n_theta)
        Inverse of the observed information.
    covariance : array, shape (n_groups, n_visits, n_visits)
        Covariance of a subject's outcomes; for a spatial structure that of the
        pattern with the most visits.
    log_likelihood : float
    convergence : Convergence
    at : Evaluation
        The likelihood at theta.
    """

    model: Model
    beta: FloatArray
    beta_covariance: FloatArray
    theta: FloatArray
    theta_covariance: FloatArray
    covariance: FloatArray
    log_likelihood: float
    convergence: Convergence
    at: Evaluation

    @property
    def n_obs(self) -> int:
        """Observed outcomes."""
        return self.model.statistics.n_obs

    @property
    def n_subjects(self) -> int:
        """Subjects with at least one outcome."""
        return int(self.model.statistics.n_subjects.sum())

    @property
    def aic(self) -> float:
        """Akaike's criterion; only the covariance parameters count."""
        return -2 * self.log_likelihood + 2 * self.theta.size

    @property
    def aicc(self) -> float:
        """Akaike's criterion corrected for small samples (Hurvich & Tsai 1989)."""
        m = max(self.n_obs - self.model.statistics.p, self.theta.size + 2)
        return -2 * self.log_likelihood + 2 * self.theta.size * m / (m - self.theta.size - 1)

    @property
    def bic(self) -> float:
        """Schwarz's criterion with the number of subjects."""
        return -2 * self.log_likelihood + self.theta.size * float(np.log(self.n_subjects))


def fit_mmrm(
    statistics: PatternStatistics,
    structure: str,
    *,
    reml: bool = True,
    start: FloatArray | None = None,
) -> MmrmFit:
    """Fit by restricted or full maximum likelihood.

    Parameters
    ----------
    statistics : PatternStatistics
    structure : str
        A key of `STRUCTURES`.
    reml : bool
    start : array, shape (n_theta,), optional
        Tried before the usual starting values, as from the fit of a similar dataset.

    Raises
    ------
    NotIdentifiedError
        If columns of X are linearly dependent, a covariance parameter has no data, there are too
        few subjects, or no start has a likelihood.
    """
    check_identified(statistics, structure)
    units = standard_units(statistics)
    model, shift = Model(statistics, structure, reml), float(np.log(units.sd))
    first = None if start is None else _rescaled(model, start, -shift)
    optimum = minimise(Model(units.statistics, structure, reml), first)
    if optimum is None:
        raise NotIdentifiedError("no starting value has a positive definite covariance")
    theta = _rescaled(model, optimum.theta, shift)
    at = units.undone(optimum.at, reml=reml)
    return MmrmFit(
        model=model,
        beta=at.beta,
        beta_covariance=at.M_inverse,
        theta=theta,
        theta_covariance=_inverse(optimum.hessian),
        covariance=_group_covariances(model, theta),
        log_likelihood=-float(at.value),
        convergence=optimum.convergence,
        at=at,
    )


@dataclass(frozen=True)
class Rung:
    """One covariance structure of a ladder and what came of it."""

    structure: str
    note: str


def fit_with_fallback(
    statistics: PatternStatistics, ladder: tuple[str, ...], *, reml: bool = True
) -> tuple[MmrmFit | None, tuple[Rung, ...]]:
    """Fit the first structure of a pre-specified ladder that converges.

    Returns
    -------
    fit : MmrmFit or None
        None where no structure converged.
    rungs : tuple of Rung
        Each structure tried; the note is "kept" or why it was left.
    """
    rungs: list[Rung] = []
    for structure in ladder:
        try:
            fit = fit_mmrm(_needed_by(structure, statistics), structure, reml=reml)
        except NotIdentifiedError as error:
            rungs.append(Rung(structure, str(error)))
            continue
        if fit.convergence.converged:
            return fit, (*rungs, Rung(structure, "kept"))
        rungs.append(Rung(structure, "; ".join(fit.convergence.messages)))
    return None, tuple(rungs)


def _needed_by(structure: str, statistics: PatternStatistics) -> PatternStatistics:
    """Without the coordinates where the structure has no use for them: fewer patterns then."""
    if structure in SPATIAL or not statistics.coordinates.shape[-1]:
        return statistics
    return merge((replace(statistics, coordinates=statistics.coordinates[..., :0]),))


def _rescaled(model: Model, theta: FloatArray, shift: float) -> FloatArray:
    """Theta in the units of y: only logarithms of standard deviations move."""
    n_log_sd = model.structure.n_log_sd(model.statistics.n_visits)
    by_group = theta.reshape(model.statistics.n_groups, -1).copy()
    by_group[:, :n_log_sd] += shift * model.structure.log_power
    return by_group.reshape(-1)


def _group_covariances(model: Model, theta: FloatArray) -> FloatArray:
    """Covariance over all visits, of each group's pattern with the most visits."""
    statistics = model.statistics
    visits = statistics.observed.sum(axis=1)
    fullest = [
        int(np.argmax(np.where(statistics.group == g, visits, -1)))
        for g in range(statistics.n_groups)
    ]
    return model.covariances(theta)[fullest]


def _inverse(H: FloatArray) -> FloatArray:
    if not np.isfinite(H).all():
        return np.full_like(H, np.nan)
    return np.asarray(np.linalg.pinv(H, hermitian=True))
