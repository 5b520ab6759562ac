"""Small trials with repeated measures, as arrays."""

from dataclasses import dataclass, replace

import numpy as np

from ketaoutcomes.numerics.mmrm.fit import MmrmFit, fit_mmrm
from ketaoutcomes.numerics.mmrm.patterns import (
    PatternStatistics,
    SubjectRows,
    pattern_statistics,
    subject_rows,
)


@dataclass(frozen=True)
class Trial:
    """Two arms, cell means of visit and arm and, unless it is bare, a baseline covariate.

    The columns of X are the visits, then the difference between the arms at each visit.
    """

    y: np.ndarray
    X: np.ndarray
    subject: np.ndarray
    visit: np.ndarray
    n_visits: int
    coordinates: np.ndarray | None = None

    @property
    def rows(self) -> SubjectRows:
        return subject_rows(
            self.y, self.X, self.subject, self.visit, self.n_visits, coordinates=self.coordinates
        )

    @property
    def statistics(self) -> PatternStatistics:
        return pattern_statistics(self.rows)

    def fit(self, structure: str = "us", *, reml: bool = True) -> MmrmFit:
        return fit_mmrm(self.statistics, structure, reml=reml)

    def difference(self, visit: int = -1) -> np.ndarray:
        """The contrast of the arms at a visit."""
        c = np.zeros(self.X.shape[1])
        c[self.n_visits + visit % self.n_visits] = 1.0
        return c

    def at(self, chosen: np.ndarray) -> "Trial":
        """Only these rows, in this order."""
        coordinates = None if self.coordinates is None else self.coordinates[chosen]
        return replace(
            self,
            y=self.y[chosen],
            X=self.X[chosen],
            subject=self.subject[chosen],
            visit=self.visit[chosen],
            coordinates=coordinates,
        )


def trial(
    seed: int = 1,
    n: int = 60,
    n_visits: int = 3,
    dropout: float = 0.3,
    *,
    bare: bool = False,
    spatial: bool = False,
) -> Trial:
    """Monotone dropout after at least one visit, SDs that grow, correlations that fall."""
    rng = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    baseline = rng.normal(0, 5, n)
    lag = np.abs(np.subtract.outer(np.arange(n_visits), np.arange(n_visits)))
    sd = 4 + np.arange(n_visits)
    root = np.linalg.cholesky(np.outer(sd, sd) * 0.6**lag)
    y = 20 - 2 * np.arange(n_visits) * (1 + arm[:, None]) + 0.4 * baseline[:, None]
    y = y + rng.standard_normal((n, n_visits)) @ root.T
    last = np.where(rng.random(n) < dropout, rng.integers(1, n_visits + 1, n), n_visits)
    subject, visit = np.nonzero(np.arange(n_visits) < last[:, None])
    cell = np.eye(n_visits)[visit]
    parts = [cell, cell * arm[subject, None]]
    if not bare:
        parts.append(baseline[subject, None])
    coordinates = (7.0 * visit + rng.uniform(-2, 2, visit.size))[:, None] if spatial else None
    return Trial(y[subject, visit], np.column_stack(parts), subject, visit, n_visits, coordinates)
