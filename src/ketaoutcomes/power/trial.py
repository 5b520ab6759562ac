"""One analysis of all trials of a chunk, each with what a report would hold of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import EndpointData, ValueData
from ketaoutcomes.errors import KetaOutcomesError, NotEstimableError, unexpected
from ketaoutcomes.families.fitted import Correlated, CorrelationOf
from ketaoutcomes.families.fitting import derive_endpoint, fit_analysis
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.power.design import Chunk, hypotheses_on
from ketaoutcomes.results import Result


@dataclass(frozen=True)
class Trial:
    """What an analysis gives of one trial.

    Attributes
    ----------
    rows : tuple of Result
        Of a trial fitted with others only those that hypotheses are about.
    correlation_of : function or None
        Of the estimates of a repeated-measures model.
    entered : int
        Subjects of the phase analysed, with what the analysis needs at its start.
    message : str
        Why there are no rows.
    """

    rows: tuple[Result, ...] = ()
    correlation_of: CorrelationOf | None = None
    entered: int = 0
    message: str = ""


def trials_of(plan: AnalysisPlan, name: str, cohort: Cohort, chunk: Chunk) -> tuple[Trial, ...]:
    """The analysis of every trial of the chunk."""
    endpoint = derive_endpoint(plan, name, cohort)
    subject = endpoint.frame["subject"]
    number = _trial_numbers(subject, chunk)
    entered = np.bincount(number[~subject.duplicated().to_numpy()], minlength=chunk.size).tolist()
    at_once = model_of(plan.analyses[name]).together
    wanted = hypotheses_on(plan, name)
    together = at_once(plan, name, wanted, endpoint, number) if at_once is not None else {}
    part = _parts(endpoint, number, chunk.size)
    return tuple(
        replace(
            Trial(*together[place]) if place in together else _alone(plan, name, part(place)),
            entered=entered[place],
        )
        for place in range(chunk.size)
    )


def _alone(plan: AnalysisPlan, name: str, endpoint: EndpointData) -> Trial:
    """One trial by the code that makes the report."""
    try:
        fitted = fit_analysis(plan, name, endpoint)
    except (ValueError, np.linalg.LinAlgError, NotEstimableError) as error:
        return Trial(message=str(error))
    except KetaOutcomesError:
        raise
    except Exception as error:  # noqa: BLE001 - one trial never takes the others down
        return Trial(message=unexpected(error))
    record = fitted.record
    return Trial(fitted.results, record.correlation_of if isinstance(record, Correlated) else None)


def _trial_numbers(subject: pd.Series, chunk: Chunk) -> NDArray[np.int64]:
    """Which trial of the chunk each row belongs to; subjects are numbered from one."""
    number = subject.str.slice(1).astype("int64").to_numpy() - 1
    return np.asarray(number // chunk.cell.subjects, dtype=np.int64)


def _parts(
    endpoint: EndpointData, trial: NDArray[np.int64], n_trials: int
) -> Callable[[int], EndpointData]:
    """The endpoint of a trial by its number, rows in their order, cut out when it is asked for."""
    order = np.argsort(trial, kind="stable")
    edges = np.searchsorted(trial[order], np.arange(n_trials + 1))
    return lambda number: _some_rows(endpoint, order[edges[number] : edges[number + 1]])


def _some_rows(endpoint: EndpointData, rows: NDArray[np.int64]) -> EndpointData:
    """The endpoint with these rows of every table that has one row for each of its frame."""
    part = replace(endpoint, frame=endpoint.frame.iloc[rows].reset_index(drop=True))
    if isinstance(endpoint, ValueData) and isinstance(part, ValueData):
        costs, times = (
            table.iloc[rows].reset_index(drop=True) for table in (endpoint.costs, endpoint.times)
        )
        return replace(part, costs=costs, times=times)
    return part
