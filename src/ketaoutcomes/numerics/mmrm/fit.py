"""Fit the mixed model for repeated measures.

Mallinckrodt, Lane, Schnell, Peng & Mancuso 2008, Drug Inf J 42:303-319.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import SPATIAL
from ketaoutcomes.numerics.mmrm.degenerate import reasons
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
        The likelihood at theta, its coefficients those of the centred columns.
    own_covariance_derivatives : array, shape (n_theta, p, p)
        Derivatives by theta of the covariance of these coefficients.
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
    own_covariance_derivatives: FloatArray

    @cached_property
    def own_model(self) -> Model:
        """The model of the centred columns, which `at` is about and whose products keep digits."""
        return replace(self.model, columns=np.eye(self.model.statistics.p + 1))

    def own_rows(self, L: FloatArray) -> FloatArray:
        """Linear combinations of beta as those of the coefficients of the centred columns."""
        return np.asarray(L @ self.model.statistics.basis[:-1, :-1])

    @cached_property
    def own_beta(self) -> FloatArray:
        """The coefficients of the centred columns of X, for y as it is; shape (p,)."""
        basis = self.model.statistics.basis
        return np.asarray(self.at.beta - np.linalg.solve(basis[:-1, :-1], basis[:-1, -1]))

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
    visits: tuple[str, ...] = (),
) -> MmrmFit:
    """Fit by restricted or full maximum likelihood.

    Parameters
    ----------
    statistics : PatternStatistics
    structure : str
        A key of `STRUCTURES`. With one visit each of them is a variance, and no more.
    reml : bool
    start : array, shape (n_theta,), optional
        Tried before the usual starting values, as from the fit of a similar dataset.
    visits : tuple of str
        What the reasons of a failure call the visits.

    Raises
    ------
    NotIdentifiedError
        If columns of X are linearly dependent, a covariance parameter has no data, there are too
        few subjects, or no start has a likelihood.
    """
    structure = structure if statistics.n_visits > 1 else "us"
    check_identified(statistics, structure, visits)
    units = standard_units(statistics)
    model, shift = Model(statistics, structure, reml), float(np.log(units.sd))
    first = None if start is None else _rescaled(model, start, -shift)
    optimum = minimise(replace(model, columns=units.columns), first)
    if optimum is None:
        found = reasons(statistics, structure, visits)
        raise NotIdentifiedError("; ".join(found) or "no start has a positive definite covariance")
    theta = _rescaled(model, optimum.theta, shift)
    at = units.undone(optimum.at, reml=reml)
    columns, by_least_squares = statistics.basis[:-1, :-1], statistics.basis[:-1, -1]
    return MmrmFit(
        model=model,
        beta=columns @ at.beta - by_least_squares,
        beta_covariance=columns @ at.M_inverse @ columns.T,
        theta=theta,
        theta_covariance=_inverse(optimum.slopes.hessian),
        covariance=_group_covariances(model, theta),
        log_likelihood=-float(at.value),
        convergence=_explained(optimum.convergence, model, visits),
        at=at,
        own_covariance_derivatives=units.covariances(optimum.slopes.covariance_derivatives),
    )


def _explained(convergence: Convergence, model: Model, visits: tuple[str, ...]) -> Convergence:
    """With what the data hold as the reason, where that is why it did not converge."""
    if convergence.converged:
        return convergence
    found = reasons(model.statistics, model.structure_name, visits)
    return replace(convergence, messages=found or convergence.messages)


@dataclass(frozen=True)
class Rung:
    """One covariance structure of a ladder and what came of it."""

    structure: str
    note: str


def fit_with_fallback(
    statistics: PatternStatistics,
    ladder: tuple[str, ...],
    *,
    reml: bool = True,
    visits: tuple[str, ...] = (),
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
            fit = fit_mmrm(_needed_by(structure, statistics), structure, reml=reml, visits=visits)
        except NotIdentifiedError as error:
            rungs.append(Rung(structure, str(error)))
            continue
        if fit.convergence.converged:
            return fit, (*rungs, Rung(structure, "kept"))
        rungs.append(Rung(structure, "; ".join(fit.convergence.messages)))
    return None, tuple(rungs)


def why_left(rungs: tuple[Rung, ...]) -> str:
    """Why each structure of a ladder was left; a reason that several share is given once."""
    structures: dict[str, list[str]] = {}
    for rung in rungs:
        structures.setdefault(rung.note, []).append(rung.structure)
    return "; ".join(f"{', '.join(names)}: {note}" for note, names in structures.items())


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
