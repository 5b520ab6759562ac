"""Fit many datasets at once: the same Newton steps, each operation over all of them.

A dataset of a few hundred subjects is fitted in less time than Python takes for the calls; together
the calls are shared.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.batch_sample import Batch, scaled, side_by_side
from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES, bent_by, first_derivatives
from ketaoutcomes.numerics.mmrm.likelihood import (
    Evaluation,
    RoughCurvature,
    Sample,
    curvature,
    gradient_by_covariance,
    rough_curvature,
)
from ketaoutcomes.numerics.mmrm.model import RoughSlopes
from ketaoutcomes.numerics.mmrm.optimise import (
    MAXIMUM_ITERATIONS,
    NEAR,
    QUICKLY,
    ROUNDING,
    Axes,
    nothing_left,
    optimality,
)
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DATASETS_AT_A_TIME = 64
HALVINGS = 30
START_CORRELATION = 0.3
POSITIVE_DEFINITE = ("us", "ar1", "ar1h", "ad", "adh", "cs", "csh")
"""Structures that are positive definite for every theta, so that no dataset stops the others."""


@dataclass(frozen=True)
class BatchFit:
    """Fits of B datasets.

    Attributes
    ----------
    own_beta : array, shape (B, p)
        Coefficients of the centred columns of X.
    own_covariance : array, shape (B, p, p)
        Their covariance.
    own_covariance_derivatives : array, shape (B, n_theta, p, p)
        By theta.
    theta : array, shape (B, n_theta)
    theta_covariance : array, shape (B, n_theta, n_theta)
        NaN where the Hessian is not positive definite.
    log_likelihood : array, shape (B,)
    gradient_norm : array, shape (B,)
        Largest absolute derivative by theta.
    converged : bool array, shape (B,)
    columns : array, shape (B, p, p)
        The centred columns are X times this, the same in all datasets.
    """

    own_beta: FloatArray
    own_covariance: FloatArray
    own_covariance_derivatives: FloatArray
    theta: FloatArray
    theta_covariance: FloatArray
    log_likelihood: FloatArray
    gradient_norm: FloatArray
    converged: NDArray[np.bool_]
    columns: FloatArray

    @property
    def beta(self) -> FloatArray:
        """Coefficients of X, shape (B, p)."""
        return np.asarray((self.columns @ self.own_beta[..., None])[..., 0])

    def covariance_of(self, L: FloatArray) -> FloatArray:
        """Covariance of linear combinations of beta, one a row of L, in each dataset."""
        own = L @ self.columns
        return np.asarray(own @ self.own_covariance @ np.swapaxes(own, -1, -2))


@dataclass(frozen=True)
class SampleFit:
    """Where the fits of B datasets that are much alike have come to.

    Attributes
    ----------
    beta : array, shape (B, p)
        Coefficients of X; NaN where not identified.
    theta : array, shape (B, n_theta)
    converged : bool array, shape (B,)
    """

    beta: FloatArray
    theta: FloatArray
    converged: NDArray[np.bool_]


@dataclass(frozen=True)
class BatchContrast:
    """One linear combination of beta in each dataset, with Satterthwaite's df; shapes (B,)."""

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray


def fit_batch(
    statistics: PatternStatistics,
    structure: str = "us",
    *,
    reml: bool = True,
    threads: int = 1,
    start: FloatArray | None = None,
) -> BatchFit:
    """Fit each group of the statistics as a dataset of its own.

    Parameters
    ----------
    statistics : PatternStatistics
        Of all datasets, the number of the dataset as the group.
    structure : str
        One of `POSITIVE_DEFINITE`.
    threads : int
        The result does not depend on it.

    Raises
    ------
    ValueError
        If a covariance of the structure need not be positive definite.
    """
    if structure not in POSITIVE_DEFINITE:
        raise ValueError(
            f"`fit_batch` does not know {structure!r}; choose one of {', '.join(POSITIVE_DEFINITE)}"
        )
    B = statistics.n_groups
    blocks = [np.arange(b, min(b + DATASETS_AT_A_TIME, B)) for b in range(0, B, DATASETS_AT_A_TIME)]

    def fit_block(datasets: IntArray) -> BatchFit:
        return _fit_block(statistics, datasets, structure, start, reml=reml)

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(fit_block, blocks))
    fit = BatchFit(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(BatchFit)
        )
    )
    columns, by_least_squares = statistics.basis[:-1, :-1], statistics.basis[:-1, -1]
    return replace(
        fit,
        own_beta=fit.own_beta - np.linalg.solve(columns, by_least_squares),
        columns=np.broadcast_to(columns, fit.columns.shape),
    )


def batch_contrast(fit: BatchFit, c: FloatArray) -> BatchContrast:
    """Estimate c' beta in each dataset.

    Parameters
    ----------
    c : array, shape (p,)
    """
    own = c @ fit.columns
    variance = np.einsum("bp,bpq,bq->b", own, fit.own_covariance, own)
    slope = np.einsum("bp,bipq,bq->bi", own, fit.own_covariance_derivatives, own, optimize=True)
    spread = np.einsum("bi,bij,bj->b", slope, fit.theta_covariance, slope)
    return BatchContrast(
        (fit.own_beta * own).sum(axis=-1), np.sqrt(variance), 2 * variance**2 / spread
    )


def _derivatives(batch: Batch, theta: FloatArray) -> FloatArray:
    """Of the covariance by theta, shape (B, n_theta, n_visits, n_visits)."""
    no_distance = np.zeros((batch.n_visits, batch.n_visits))
    return np.moveaxis(first_derivatives(STRUCTURES[batch.structure], theta, no_distance), 0, 1)


def _by_theta(batch: Batch, theta: FloatArray, here: RoughCurvature, dV: FloatArray) -> RoughSlopes:
    """Gradient and Hessian of each dataset, shapes (B, ...)."""
    G, no_distance = here.G.sum(axis=1), np.zeros((batch.n_visits, batch.n_visits))
    bent = bent_by(STRUCTURES[batch.structure], theta, no_distance, G)
    return RoughSlopes(0.5 * np.einsum("bist,bst->bi", dV, G), here.hessian + 0.5 * bent)


def _slopes(batch: Batch, theta: FloatArray, at: Evaluation, *, exact: bool) -> RoughSlopes:
    dV = _derivatives(batch, theta)
    bends = curvature if exact else rough_curvature
    here = _by_theta(batch, theta, bends(batch.sample, at, dV[:, :, None]), dV)
    return here if exact else replace(here, hessian=here.hessian - batch.excess)


def _gradient(batch: Batch, theta: FloatArray, at: Evaluation) -> FloatArray:
    G = gradient_by_covariance(batch.sample, at).sum(axis=1)
    return np.asarray(0.5 * np.einsum("bist,bst->bi", _derivatives(batch, theta), G))


def _fit_block(
    statistics: PatternStatistics,
    datasets: IntArray,
    structure: str,
    start: FloatArray | None,
    *,
    reml: bool,
) -> BatchFit:
    batch = side_by_side(statistics, datasets, structure, reml=reml)
    return _finished(batch, _optima(batch, start))


def fit_sample(
    sample: Sample, structure: str, start: FloatArray, excess: FloatArray | None = None
) -> SampleFit:
    """Fit datasets whose statistics are packed already, shapes (B, ...), all in one block.

    Parameters
    ----------
    start : array, shape (n_theta,)
        The parameters of a fit that all are near.
    excess : array, shape (n_theta, n_theta), optional
        By how much the rough Hessian there is larger than the exact one. It is of order p / n of
        the Hessian, and a dataset that differs by one subject has it up to the order p / n^2: each
        is then fitted and judged by its rough Hessian less this, which costs a fifth of the exact
        one.
    """
    batch = scaled(sample, structure)
    if excess is not None:
        batch = replace(batch, excess=excess)
    theta = _optima(batch, start)
    known = np.flatnonzero(batch.identified)
    part = batch.subset(known)
    at = part.evaluate(theta[known])
    here = _slopes(part, theta[known], at, exact=excess is None)
    scale, sd = part.column_scale[:, :-1], 1 / part.column_scale[:, -1]
    beta = np.full((len(theta), scale.shape[1]), np.nan)
    converged = np.zeros(len(theta), dtype=bool)
    beta[known] = at.beta * scale * sd[:, None]
    reached = optimality(here.gradient, here.hessian).reached
    converged[known] = reached & part.regular(theta[known])
    n_log_sd = STRUCTURES[structure].n_log_sd(batch.n_visits)
    theta[known, :n_log_sd] += np.log(sd)[:, None]
    return SampleFit(beta, theta, converged)


def _optima(batch: Batch, start: FloatArray | None) -> FloatArray:
    """Theta of each dataset in units of its own; NaN where not identified."""
    n_theta = STRUCTURES[batch.structure].n_parameters(batch.n_visits)
    theta = np.full((batch.identified.size, n_theta), np.nan)
    active = np.flatnonzero(batch.identified)
    if active.size:
        theta[active] = _minimised(batch.subset(active), start)
    return theta


@dataclass(frozen=True)
class _State:
    """Where the datasets that are still on their way stand.

    Attributes
    ----------
    place : int array
        Number of each dataset.
    slope : array, shape (B, n_theta)
    axes : Axes
        Of a Hessian there or near.
    exact : bool array
        It is the exact one, of where the dataset stands.
    kept : int array
        To how many steps it is from before.
    former : array
        Gain that this step promised.
    """

    place: IntArray
    batch: Batch
    theta: FloatArray
    at: Evaluation
    slope: FloatArray
    axes: Axes
    exact: NDArray[np.bool_]
    kept: IntArray
    former: FloatArray

    def only(self, chosen: IntArray) -> "_State":
        """Of some of the datasets."""
        if chosen.size == self.place.size:
            return self
        return _State(
            self.place[chosen],
            self.batch.subset(chosen),
            self.theta[chosen],
            self.at.only(chosen),
            self.slope[chosen],
            self.axes.only(chosen),
            self.exact[chosen],
            self.kept[chosen],
            self.former[chosen],
        )


def _minimised(batch: Batch, start: FloatArray | None) -> FloatArray:
    """Theta of each dataset, all of which are identified."""
    theta = _start(batch, start)
    at = batch.evaluate(theta)
    here = _slopes(batch, theta, at, exact=False)
    state = _State(
        np.arange(len(theta)),
        batch,
        theta.copy(),
        at,
        here.gradient,
        Axes.of(here.hessian),
        exact=np.zeros(len(theta), dtype=bool),
        kept=np.zeros(len(theta), dtype=np.int64),
        former=np.full(len(theta), np.inf),
    )
    for _ in range(MAXIMUM_ITERATIONS):
        state = _stepped(state, theta)
        if not state.place.size:
            break
    return theta


def _start(batch: Batch, given: FloatArray | None) -> FloatArray:
    """The parameters given, or the logarithms of the residual SDs and a middling correlation."""
    sample, structure = batch.sample, STRUCTURES[batch.structure]
    T = batch.n_visits
    n_log_sd = structure.n_log_sd(T)
    if given is not None:
        theta = np.tile(given, (len(sample.n_subjects), 1))
        theta[:, :n_log_sd] += np.log(batch.column_scale[:, -1:])
        return theta
    theta = np.full((len(sample.n_subjects), structure.n_parameters(T)), START_CORRELATION)
    theta[:, :n_log_sd] = 0.0
    return theta


def _stepped(state: _State, theta: FloatArray) -> _State:
    """One step of each dataset as in `optimise`, noted in theta; those that have more to do."""
    step = state.axes.newton_step(state.slope)
    gain = (state.slope * step).sum(axis=-1)
    share, at = _halved(state, step, gain)
    failed = share == 0
    moved = state.theta - share[:, None] * step
    theta[state.place] = moved
    done = np.where(failed, state.exact, nothing_left(gain, state.former, state.kept))
    going = np.flatnonzero(~done)
    exact = failed | (gain > QUICKLY * state.former)
    kept = np.where(exact | (gain > NEAR), 0, state.kept + 1)
    state = replace(state, theta=moved, at=at, exact=exact, kept=kept)
    return _with_slopes(replace(state, former=gain).only(going))


def _halved(state: _State, step: FloatArray, gain: FloatArray) -> tuple[FloatArray, Evaluation]:
    """The share of each step that lowers the value, 0 if none does, and the likelihood there."""
    value, share = state.at.value, np.ones(len(step))
    enough = value + ROUNDING * (1 + np.abs(value))
    at = state.batch.evaluate(state.theta - step)
    worse = np.flatnonzero(~(at.value <= enough - 1e-4 * gain))
    for _ in range(HALVINGS):
        if not worse.size:
            return share, at
        share[worse] /= 2
        there = state.theta[worse] - share[worse, None] * step[worse]
        again = state.batch.subset(worse).evaluate(there)
        at = at.with_only(worse, again)
        worse = worse[~(again.value <= (enough - 1e-4 * share * gain)[worse])]
    share[worse] = 0.0
    return share, at.with_only(worse, state.at.only(worse))


def _with_slopes(state: _State) -> _State:
    """The gradient where each dataset stands, and the Hessian where the former does not do."""
    slope, axes = np.empty_like(state.theta), state.axes
    for exact in (True, False):
        chosen = np.flatnonzero((state.exact == exact) & (state.kept == 0))
        if chosen.size:
            part = state.only(chosen)
            here = _slopes(part.batch, part.theta, part.at, exact=exact)
            slope[chosen] = here.gradient
            axes = axes.with_only(chosen, Axes.of(here.hessian))
    chosen = np.flatnonzero(state.kept)
    if chosen.size:
        part = state.only(chosen)
        slope[chosen] = _gradient(part.batch, part.theta, part.at)
    return replace(state, slope=slope, axes=axes)


def _finished(batch: Batch, theta: FloatArray) -> BatchFit:
    """Covariances and convergence, in the units of the data; NaN where not identified."""
    known = np.flatnonzero(batch.identified)
    part = batch.subset(known)
    at = part.evaluate(theta[known])
    dV = _derivatives(part, theta[known])
    bends = curvature(part.sample, at, dV[:, :, None])
    here = _by_theta(part, theta[known], bends, dV)
    reached = optimality(here.gradient, here.hessian)
    curved = reached.curved[:, None, None]
    safe = np.where(curved, here.hessian, np.eye(theta.shape[1]))
    scale, sd = part.column_scale[:, :-1], 1 / part.column_scale[:, -1]
    unit = scale * sd[:, None]
    units = unit[:, :, None] * unit[:, None, :]
    n_log_sd = STRUCTURES[batch.structure].n_log_sd(batch.n_visits)
    moved = theta[known].copy()
    moved[:, :n_log_sd] += np.log(sd)[:, None]
    value = at.value + part.sample.residual_count * np.log(sd)
    if part.sample.reml:
        value = value - np.log(scale).sum(axis=-1)
    fit = BatchFit(
        own_beta=at.beta * unit,
        own_covariance=at.M_inverse * units,
        own_covariance_derivatives=bends.covariance_derivatives * units[:, None],
        theta=moved,
        theta_covariance=np.where(curved, np.linalg.inv(safe), np.nan),
        log_likelihood=-value,
        gradient_norm=np.abs(here.gradient).max(axis=-1),
        converged=reached.reached & part.regular(theta[known]),
        columns=np.broadcast_to(np.eye(unit.shape[1]), units.shape),
    )
    return _spread(fit, known, len(theta))


def _spread(fit: BatchFit, known: IntArray, B: int) -> BatchFit:
    """Put datasets that are not identified back in their places, as NaN."""
    arrays = {}
    for field in fields(BatchFit):
        values = getattr(fit, field.name)
        filled = np.full((B, *values.shape[1:]), False if values.dtype == bool else np.nan)
        filled[known] = values
        arrays[field.name] = filled.astype(values.dtype)
    return BatchFit(**arrays)
