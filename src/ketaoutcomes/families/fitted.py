"""What the report shows of fitted models beside the results table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
CorrelationOf = Callable[[tuple[str, ...]], FloatArray]
"""Correlations of the estimates of results by their ids."""


@runtime_checkable
class Correlated(Protocol):
    """A record that knows how the estimates of its tests are correlated."""

    @property
    def analysis(self) -> str:
        """Id of the plan's analysis."""

    def correlation_of(self, ids: tuple[str, ...]) -> FloatArray:
        """Correlations of the estimates of these results."""


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
