"""What the report shows of fitted models beside the results table."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]


@runtime_checkable
class Correlated(Protocol):
    """A record that knows how the estimates of its tests are correlated."""

    @property
    def analysis(self) -> str:
        """Id of the plan's analysis."""

    def correlation_of(self, ids: tuple[str, ...]) -> FloatArray:
        """Correlations of the estimates of these results."""


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
    log_likelihood: float
    n_subjects: int | None
    n_obs: int | None
    messages: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    correlation: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))

    def correlation_of(self, ids: tuple[str, ...]) -> FloatArray:
        """Correlations of the estimates of these results."""
        places = [self.tests.index(one) for one in ids]
        return np.asarray(self.correlation[np.ix_(places, places)])


class ModelRecord(Protocol):
    """What a family keeps of a fitted model for figures and words; a frozen dataclass."""

    @property
    def analysis(self) -> str:
        """Id of the plan's analysis."""


@dataclass(frozen=True)
class Fitted:
    """One analysis done: its rows of the results table; a record and remarks, if any."""

    analysis: str
    results: tuple[Result, ...]
    record: ModelRecord | None = None
    remarks: tuple[Remark, ...] = ()
