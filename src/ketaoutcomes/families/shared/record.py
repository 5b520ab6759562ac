"""How a fitted model of every visit came out: what figures show of it."""

from dataclasses import dataclass, field

import numpy as np

from ketaoutcomes.families.fitted import FloatArray


@dataclass(frozen=True)
class MmrmRecord:
    """How a repeated-measures model came out.

    Attributes
    ----------
    structure : str
        The covariance structure that was kept.
    ladder : tuple of (str, str)
        Each structure tried, and "kept" or why it was left.
    groups : tuple of str
        Groups with a covariance of their own; empty where all subjects share one.
    covariance : FloatArray, shape (n_groups, n_visits, n_visits)
    residuals : FloatArray, shape (n_obs,)
        Normalised residuals, sorted; standard normal under the model.
    tests : tuple of str
        Ids of the results that compare arms.
    correlation : FloatArray, shape (tests, tests)
        Of their estimates.
    """

    analysis: str
    converged: bool
    structure: str
    ladder: tuple[tuple[str, str], ...]
    visits: tuple[str, ...]
    covariance: FloatArray
    groups: tuple[str, ...]
    residuals: FloatArray
    n_subjects: int | None
    n_obs: int | None
    messages: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    correlation: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))

    def correlation_of(self, ids: tuple[str, ...]) -> FloatArray:
        """Correlations of the estimates of these results."""
        places = [self.tests.index(one) for one in ids]
        return np.asarray(self.correlation[np.ix_(places, places)])
