"""The repeated-measures model fitted to completed datasets, all at once."""

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.imputation.ancova import Analysed
from ketaoutcomes.numerics.mmrm.batch import batch_contrast, fit_batch
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]

DATASETS_AT_A_TIME = 64


def analyse_by_mmrm(X: FloatArray, y: FloatArray, contrasts: FloatArray) -> tuple[Analysed, ...]:
    """Contrasts of a model with unstructured covariance, by REML with Satterthwaite's df.

    The degrees of freedom of the complete data, for Rubin's rules, are the mean over the datasets.

    Parameters
    ----------
    X : array, shape (n_subjects, n_visits, p)
    y : array, shape (M, n_subjects, n_visits)
    contrasts : array, shape (n_contrasts, p)

    Raises
    ------
    NotIdentifiedError
        If some dataset's model did not converge.
    """
    parts = [
        _block(X, y[start : start + DATASETS_AT_A_TIME], contrasts)
        for start in range(0, len(y), DATASETS_AT_A_TIME)
    ]
    estimates, errors, df = (np.concatenate(values, axis=1) for values in zip(*parts, strict=True))
    return tuple(
        Analysed(e, s, float(d.mean())) for e, s, d in zip(estimates, errors, df, strict=True)
    )


def _block(
    X: FloatArray, y: FloatArray, contrasts: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Estimates, standard errors and df, each of shape (n_contrasts, datasets)."""
    n, T, p = X.shape
    M = len(y)
    S = np.empty((M, T, T, p + 1, p + 1))
    flat = X.reshape(n, T * p)
    S[..., :-1, :-1] = (flat.T @ flat).reshape(T, p, T, p).transpose(0, 2, 1, 3)
    cross = (flat.T @ y).reshape(M, T, p, T).transpose(0, 1, 3, 2)
    S[..., :-1, -1] = cross
    S[..., -1, :-1] = np.swapaxes(cross, 1, 2)
    S[..., -1, -1] = np.swapaxes(y, 1, 2) @ y
    statistics = PatternStatistics(
        centred=S,
        basis=np.eye(p + 1),
        observed=np.ones((M, T), dtype=bool),
        group=np.arange(M),
        coordinates=np.zeros((M, T, 0)),
        n_subjects=np.full(M, n),
        log_weight=0.0,
    )
    fits = fit_batch(statistics, "us")
    if not fits.converged.all():
        failed = int((~fits.converged).sum())
        raise NotIdentifiedError(f"{failed} of {M} models of completed data did not converge")
    results = [batch_contrast(fits, c) for c in contrasts]
    return (
        np.stack([r.estimate for r in results]),
        np.stack([r.std_error for r in results]),
        np.stack([r.df for r in results]),
    )
