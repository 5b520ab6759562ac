"""Statistics with a covariance structure: the likelihood as a function of theta."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import (
    STRUCTURES,
    Structure,
    bent_by,
    distances,
    first_derivatives,
    second_derivatives,
)
from ketaoutcomes.numerics.mmrm.likelihood import (
    Evaluation,
    RoughCurvature,
    Sample,
    curvature,
    evaluate_at,
    gradient_by_covariance,
    rough_curvature,
)
from ketaoutcomes.numerics.mmrm.packed import PackedProducts
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Places:
    """The P covariance matrices over all visits that the patterns are cut from.

    One a group; for a spatial structure one a pattern.

    Attributes
    ----------
    group : int array, shape (P,)
    distance : array, shape (P, n_visits, n_visits)
        Distances between assessments.
    of_pattern : int array, shape (K,)
    """

    group: NDArray[np.int64]
    distance: FloatArray
    of_pattern: NDArray[np.int64]

    def of_patterns(self, by_place: FloatArray) -> FloatArray:
        """What each pattern has, shape (n, K, ...); (n, 1, ...) where all have the same."""
        return by_place if by_place.shape[1] == 1 else by_place[:, self.of_pattern]

    def summed(self, by_pattern: FloatArray) -> FloatArray:
        """Sum over the patterns of each place, shape (P, n_visits, n_visits)."""
        result = np.zeros((self.group.size, *by_pattern.shape[1:]))
        np.add.at(result, self.of_pattern, by_pattern)
        return result


def places_of(statistics: PatternStatistics) -> Places:
    """The distinct combinations of group and coordinates."""
    K, T, d = statistics.coordinates.shape
    if d == 0:
        groups = np.arange(statistics.n_groups)
        return Places(groups, np.zeros((groups.size, T, T)), statistics.group)
    return Places(statistics.group, distances(statistics.coordinates), np.arange(K))


@dataclass(frozen=True)
class Model:
    """Statistics with a covariance structure and a method of estimation.

    Attributes
    ----------
    columns : array, shape (p + 1, p + 1), or None
        The columns of x and y that the model is about are the centred ones times this; x and y
        themselves if None.
    """

    statistics: PatternStatistics
    structure_name: str
    reml: bool
    columns: FloatArray | None = None

    @cached_property
    def structure(self) -> Structure:
        """The covariance structure."""
        return STRUCTURES[self.structure_name]

    @cached_property
    def places(self) -> Places:
        """What tells the covariances of the patterns apart."""
        return places_of(self.statistics)

    @cached_property
    def sample(self) -> Sample:
        """The statistics, packed for the likelihood."""
        statistics = self.statistics
        return Sample(
            PackedProducts.of(statistics.S)
            if self.columns is None
            else replace(statistics.packed, change=self.columns),
            statistics.observed,
            statistics.n_subjects,
            np.asarray(statistics.log_weight),
            self.reml,
        )

    @property
    def n_per_group(self) -> int:
        """Number of covariance parameters in a group."""
        return self.structure.n_parameters(self.statistics.n_visits)

    @property
    def n_theta(self) -> int:
        """Number of covariance parameters."""
        return self.n_per_group * self.statistics.n_groups

    def covariances(self, theta: FloatArray) -> FloatArray:
        """Covariance of each pattern over all visits, shape (K, n_visits, n_visits)."""
        V = self.structure.matrix(self._by_place(theta), self.places.distance)
        return np.asarray(V)[self.places.of_pattern]

    def derivatives(self, theta: FloatArray) -> FloatArray:
        """Derivatives of each pattern's covariance, shape (n_theta, K or 1, n_visits, n_visits).

        One for all patterns where they are cut from one covariance matrix.
        """
        return self.places.of_patterns(self.derivatives_by_place(theta))

    def second_derivatives(self, theta: FloatArray) -> FloatArray:
        """Second derivatives by place, shape (n_theta, n_theta, P, n_visits, n_visits)."""
        second = second_derivatives(self.structure, self._by_place(theta), self.places.distance)
        if self.statistics.n_groups == 1:
            return second
        result = np.zeros((self.n_theta, self.n_theta, *second.shape[2:]))
        for block, members in self._groups():
            result[block, block, members] = second[:, :, members]
        return result

    def bent_by(self, theta: FloatArray, G: FloatArray) -> FloatArray:
        """Sum over all places of the second derivatives times G, shape (n_theta, n_theta).

        Parameters
        ----------
        G : array, shape (P, n_visits, n_visits)
        """
        by_place = bent_by(self.structure, self._by_place(theta), self.places.distance, G)
        if self.statistics.n_groups == 1:
            return np.asarray(by_place.sum(axis=0))
        result = np.zeros((self.n_theta, self.n_theta))
        for block, members in self._groups():
            result[block, block] = by_place[members].sum(axis=0)
        return result

    def derivatives_by_place(self, theta: FloatArray) -> FloatArray:
        """Derivatives of each covariance, shape (n_theta, P, n_visits, n_visits)."""
        first = first_derivatives(self.structure, self._by_place(theta), self.places.distance)
        if self.statistics.n_groups == 1:
            return first
        result = np.zeros((self.n_theta, *first.shape[1:]))
        for block, members in self._groups():
            result[block, members] = first[:, members]
        return result

    def _by_place(self, theta: FloatArray) -> FloatArray:
        return theta.reshape(self.statistics.n_groups, -1)[self.places.group]

    def _groups(self) -> list[tuple[slice, NDArray[np.bool_]]]:
        """Place in theta and members of each group."""
        n = self.n_per_group
        return [
            (slice(g * n, (g + 1) * n), self.places.group == g)
            for g in range(self.statistics.n_groups)
        ]


def evaluate(model: Model, theta: FloatArray) -> Evaluation | None:
    """The likelihood at theta; None where it does not exist."""
    return evaluate_at(model.sample, model.covariances(theta))


def gradient(model: Model, theta: FloatArray, at: Evaluation) -> FloatArray:
    """Derivative of the negative log-likelihood by theta, shape (n_theta,)."""
    G = model.places.summed(gradient_by_covariance(model.sample, at))
    return np.asarray(0.5 * np.tensordot(model.derivatives_by_place(theta), G, axes=3))


@dataclass(frozen=True)
class RoughSlopes:
    """Both derivatives of the negative log-likelihood, the second roughly.

    Attributes
    ----------
    gradient : array, shape (n_theta,)
    hessian : array, shape (n_theta, n_theta)
    """

    gradient: FloatArray
    hessian: FloatArray


@dataclass(frozen=True)
class Slopes(RoughSlopes):
    """Both derivatives of the negative log-likelihood.

    Attributes
    ----------
    covariance_derivatives : array, shape (n_theta, p, p)
        Derivatives of the covariance of beta.
    """

    covariance_derivatives: FloatArray


def rough_slopes(model: Model, theta: FloatArray, at: Evaluation) -> RoughSlopes:
    """Gradient by theta, and what of the Hessian costs little."""
    by_place = model.derivatives_by_place(theta)
    here = rough_curvature(model.sample, at, model.places.of_patterns(by_place))
    return _by_theta(model, theta, here, by_place)


def slopes(model: Model, theta: FloatArray, at: Evaluation) -> Slopes:
    """Gradient and Hessian by theta."""
    by_place = model.derivatives_by_place(theta)
    here = curvature(model.sample, at, model.places.of_patterns(by_place))
    found = _by_theta(model, theta, here, by_place)
    return Slopes(found.gradient, found.hessian, here.covariance_derivatives)


def _by_theta(
    model: Model, theta: FloatArray, here: RoughCurvature, by_place: FloatArray
) -> RoughSlopes:
    G = model.places.summed(here.G)
    return RoughSlopes(
        0.5 * np.tensordot(by_place, G, axes=3), here.hessian + 0.5 * model.bent_by(theta, G)
    )
