"""Causal mediation with linear models of mediator and outcome.

Imai, Keele & Yamamoto 2010, Stat Sci 25:51-71; Imai, Keele & Tingley 2010, Psychol Methods
15:309-334. With treatment t, mediator m, outcome y and covariates x:

    m = a0 + a t + x'a1 + e2
    y = b0 + c t + b m + k t m + x'b1 + e3

The natural indirect effect in arm t is a (b + k t), the natural direct effect c + k E[m(t)]; under
sequential ignorability these are causal. All that is estimated follows from the cross-products of
the columns (1, t, x, m, t m, y), so a resample costs one weighted sum of them.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Arm = Literal[0, 1]

CHUNK = 4_000_000
"""Weights held at a time: resamples are taken in chunks of so many numbers."""


@dataclass(frozen=True)
class MediationRows:
    """Complete rows.

    Attributes
    ----------
    treatment, mediator, outcome : array, shape (n,)
        Treatment is 0 or 1.
    covariates : array, shape (n, p)
    interaction : bool
        Whether the mediator may act differently in the two arms.
    """

    treatment: FloatArray
    mediator: FloatArray
    outcome: FloatArray
    covariates: FloatArray
    interaction: bool = False

    @property
    def columns(self) -> FloatArray:
        """Columns (1, t, x, m, t m, y), t m only with an interaction."""
        t, m = self.treatment, self.mediator
        product = [t * m] if self.interaction else []
        return np.column_stack([np.ones_like(t), t, self.covariates, m, *product, self.outcome])


@dataclass(frozen=True)
class Effects:
    """Effects of one sample, or arrays of them for many resamples.

    Attributes
    ----------
    indirect, direct : pair
        In the reference arm and in the active arm.
    total, on_mediator, of_mediator : float or array
        `of_mediator` is the mean over the two arms.
    correlation, scale : float or array
        Correlation of the residuals of mediator and outcome given treatment and covariates, and
        the ratio of their standard deviations times the effect on the mediator: what the effect
        under an unmeasured confounder is made of.
    """

    indirect: tuple[FloatArray, FloatArray]
    direct: tuple[FloatArray, FloatArray]
    total: FloatArray
    on_mediator: FloatArray
    of_mediator: FloatArray
    correlation: FloatArray
    scale: FloatArray

    @property
    def mean_indirect(self) -> FloatArray:
        """Mean of the indirect effects of both arms."""
        return (self.indirect[0] + self.indirect[1]) / 2

    @property
    def mean_direct(self) -> FloatArray:
        """Mean of the direct effects of both arms."""
        return (self.direct[0] + self.direct[1]) / 2

    def indirect_under(self, rho: float) -> FloatArray:
        """The indirect effect if the two error terms correlate by rho (their theorem 2, eq. 9).

        It is `scale` times (r - rho sqrt((1 - r^2) / (1 - rho^2))) with r the residual correlation;
        nil at rho = r. Without interaction only.
        """
        r = self.correlation
        shrink = np.sqrt((1 - r**2) / (1 - rho**2))
        return np.asarray(self.scale * (r - rho * shrink))


def mediation_effects(rows: MediationRows) -> Effects:
    """Effects of the sample.

    Raises
    ------
    numpy.linalg.LinAlgError
        If a column is a combination of others.
    """
    columns = rows.columns
    p = columns.shape[1]
    if np.linalg.matrix_rank(columns[:, :-1]) < p - 1:
        raise np.linalg.LinAlgError("treatment, mediator and covariates are collinear")
    return _effects((columns.T @ columns)[None], rows)


def resampled_effects(rows: MediationRows, resamples: int, seed: int) -> Effects:
    """Effects of bootstrap samples of the subjects, drawn within each arm."""
    streams = [np.random.default_rng([seed, arm]) for arm in (0, 1)]
    columns = rows.columns
    n, p = columns.shape
    products = (columns[:, :, None] * columns[:, None, :]).reshape(n, p * p)
    arms = [np.flatnonzero(rows.treatment == arm) for arm in (0, 1)]
    sums = []
    step = max(1, CHUNK // n)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        weights = np.zeros((size, n))
        for stream, arm in zip(streams, arms, strict=True):
            share = np.full(arm.size, 1 / arm.size)
            weights[:, arm] = stream.multinomial(arm.size, share, size=size)
        sums.append((weights @ products).reshape(size, p, p))
    return _effects(np.concatenate(sums), rows)


def _effects(G: FloatArray, rows: MediationRows) -> Effects:
    """Effects from the cross-products, shape (resamples, p, p)."""
    p = G.shape[-1]
    last = p - 1
    q = rows.covariates.shape[1] + 2  # columns 1, t, x
    m = q
    first = np.arange(q)
    on_mediator, mediator_variance = _regression(G, first, m)
    total, outcome_variance = _regression(G, first, last)
    outcome, _ = _regression(G, np.arange(last), last)
    a, b, c = on_mediator[:, 1], outcome[:, m], outcome[:, 1]
    k = outcome[:, m + 1] if rows.interaction else np.zeros_like(a)
    # Mean of the mediator in each arm at the mean of the covariates over everybody.
    means = G[:, 0, :q] / G[:, 0, :1]
    at_mean = (on_mediator * means).sum(axis=1) - a * means[:, 1]
    covariance = (
        G[:, m, last]
        - (G[:, last, :q] * on_mediator).sum(axis=1)
        - (G[:, m, :q] * total).sum(axis=1)
        + np.einsum("bi,bij,bj->b", on_mediator, G[:, :q, :q], total)
    )
    return Effects(
        indirect=(a * b, a * (b + k)),
        direct=(c + k * at_mean, c + k * (at_mean + a)),
        total=a * (b + k) + c + k * at_mean,
        on_mediator=a,
        of_mediator=b + k / 2,
        correlation=covariance / np.sqrt(mediator_variance * outcome_variance),
        scale=a * np.sqrt(outcome_variance / mediator_variance),
    )


def _regression(G: FloatArray, on: NDArray[np.int64], of: int) -> tuple[FloatArray, FloatArray]:
    """Coefficients of a column on others, and the residual sum of squares."""
    XX, Xy = G[:, on[:, None], on], G[:, on, of]
    beta = np.linalg.solve(XX, Xy[..., None])[..., 0]
    rest: FloatArray = G[:, of, of] - (Xy * beta).sum(axis=1)
    return np.asarray(beta, dtype=float), rest
