"""Parameters of the imputation model become completed outcomes."""

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.imputation.strategies import STRATEGIES, Profile
from ketaoutcomes.numerics.imputation.trial import IncompleteTrial, Kind, Parameters

FloatArray = NDArray[np.float64]


def complete(
    trial: IncompleteTrial, parameters: Parameters, rng: np.random.Generator | None = None
) -> FloatArray:
    """The outcomes with those missing filled in, shape (M, n_subjects, n_visits).

    NaN where a mean that the strategy needs cannot be estimated, because no modelled outcome tells
    of it.

    Parameters
    ----------
    parameters : Parameters
        One set for each completed dataset.
    rng : Generator, optional
        Missing outcomes are drawn from their distribution given the observed ones; without a
        generator they are its mean.
    """
    M = len(parameters.beta)
    values = np.broadcast_to(trial.y, (M, *trial.y.shape)).copy()
    noise = None if rng is None else rng.standard_normal(values.shape)
    for kind in trial.kinds:
        filled = _filled(trial, kind, parameters, None if noise is None else noise[:, kind.members])
        cells = np.ix_(np.arange(M), kind.members, np.flatnonzero(~kind.observed))
        values[cells] = filled
    return values


def _filled(
    trial: IncompleteTrial, kind: Kind, parameters: Parameters, noise: FloatArray | None
) -> FloatArray:
    """The missing outcomes of one kind of subject, shape (M, members, missing visits)."""
    profile = _profile(trial, kind, parameters)
    seen, missing = kind.observed, ~kind.observed
    V = profile.covariance
    V11, V21 = V[:, seen][:, :, seen], V[:, missing][:, :, seen]
    B = np.swapaxes(np.linalg.solve(V11, np.swapaxes(V21, -1, -2)), -1, -2)
    residual = trial.y[kind.members][:, seen] - profile.mean[..., seen]
    mean = profile.mean[..., missing] + residual @ np.swapaxes(B, -1, -2)
    if noise is None:
        return np.asarray(mean)
    rest = V[:, missing][:, :, missing] - B @ np.swapaxes(V21, -1, -2)
    root = np.linalg.cholesky(rest)
    return np.asarray(mean + noise[..., missing] @ np.swapaxes(root, -1, -2))


def _profile(trial: IncompleteTrial, kind: Kind, parameters: Parameters) -> Profile:
    """Distribution over all visits that the strategy gives to these subjects."""

    def of_arm(X: FloatArray, group: int) -> Profile:
        rows = X[kind.members]
        if parameters.beta.shape[-1] < rows.shape[-1]:
            rows = trial.row_space.reduced(rows)
        mean = np.tensordot(parameters.beta, rows, axes=(1, 2))
        return Profile(np.asarray(mean), covariance[group])

    covariance = {group: parameters.sigma[:, group] for group in {kind.group, kind.reference_group}}
    own = of_arm(trial.X, kind.group)
    reference = of_arm(trial.X_reference, kind.reference_group)
    return STRATEGIES[kind.strategy](own, reference, kind.before)
