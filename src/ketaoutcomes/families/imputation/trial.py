"""An endpoint becomes the arrays of the imputation model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData, ChangeData
from ketaoutcomes.families.imputation.plan import ImputationPart
from ketaoutcomes.numerics.imputation.trial import IncompleteTrial

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

AT_RANDOM = "missing at random"
UNKNOWN_LEVEL = "(missing)"


@dataclass(frozen=True)
class Prepared:
    """A trial ready to impute.

    Attributes
    ----------
    covariates : array, shape (n_subjects, c)
    baseline : array, shape (n_subjects,)
    events : tuple of str, shape (n_subjects,)
        The event whose strategy holds for each subject, "" without one.
    filled_baselines : tuple of (str, int)
        Covariates with missing values that were set, and in how many subjects.
    """

    trial: IncompleteTrial
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    covariates: FloatArray
    baseline: FloatArray
    events: tuple[str, ...]
    filled_baselines: tuple[tuple[str, int], ...]


def prepare_trial(
    endpoint: ChangeData | BinaryData, analysis: ImputationPart, reference: str
) -> Prepared:
    """Lay out outcomes, covariates and events by subject and visit.

    Parameters
    ----------
    reference : str
        The arm from which the strategies borrow.
    """
    frame = endpoint.frame
    visits = tuple(
        v for v in endpoint.visits if frame.loc[frame["visit"] == v, "score"].notna().any()
    )
    frame = frame[frame["visit"].isin(visits)]
    arms = tuple(
        sorted(
            (a for a in endpoint.arms if (frame["arm"] == a).any()),
            key=lambda arm: arm != reference,
        )
    )
    shape = (-1, len(visits))
    first = frame.drop_duplicates("subject").reset_index(drop=True)
    first, filled = _filled(first, analysis.covariates)
    baseline = first["baseline"].to_numpy(dtype=float)
    y = frame["score"].to_numpy(dtype=float).reshape(shape) - baseline[:, None]
    arm = pd.Categorical(first["arm"], list(arms)).codes.astype(np.int64)
    before, events = _events(frame, analysis, y)
    columns = {name: _columns(first[name]) for name in analysis.covariates}
    by_visit = {name: name in analysis.by_visit for name in columns}
    group = arm if analysis.covariance_by_arm else np.zeros_like(arm)
    trial = IncompleteTrial(
        y=y,
        X=_design(arm, len(arms), columns, by_visit, len(visits)),
        X_reference=_design(np.zeros_like(arm), len(arms), columns, by_visit, len(visits)),
        arm=arm,
        before=before,
        strategy=tuple(analysis.strategies.get(event, AT_RANDOM) for event in events),
        group=group,
        reference_group=np.zeros_like(arm),
    )
    parts = [np.zeros((len(first), 0)), *columns.values()]
    return Prepared(trial, arms, visits, np.concatenate(parts, axis=1), baseline, events, filled)


def _filled(
    first: pd.DataFrame, covariates: tuple[str, ...]
) -> tuple[pd.DataFrame, tuple[tuple[str, int], ...]]:
    """Baseline values filled in: the mean over all arms, or a level of their own.

    Adequate in a randomised trial, where the baseline is independent of the arm: White & Thompson
    2005, Stat Med 24:993-1007.
    """
    counts = []
    filled = {}
    for name in dict.fromkeys(("baseline", *covariates)):
        column = first[name]
        count = int(column.isna().sum())
        if not count:
            continue
        numeric = pd.api.types.is_numeric_dtype(column)
        filled[name] = column.fillna(column.mean() if numeric else UNKNOWN_LEVEL)
        counts.append((name, count))
    return first.assign(**filled), tuple(counts)


def _columns(values: pd.Series) -> FloatArray:
    """A numeric covariate itself; of a factor, each level but the first, shape (n, columns)."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float)[:, None]
    levels = sorted(values.unique())
    return np.column_stack([np.zeros((len(values), 0)), *(values == level for level in levels[1:])])


def _design(
    arm: IntArray,
    n_arms: int,
    columns: dict[str, FloatArray],
    by_visit: dict[str, bool],
    n_visits: int,
) -> FloatArray:
    """Visits, arms by visit and covariates, shape (n, n_visits, p)."""
    cell = np.broadcast_to(np.eye(n_visits), (arm.size, n_visits, n_visits))
    parts = [cell, *(cell * (arm == code)[:, None, None] for code in range(1, n_arms))]
    for name, values in columns.items():
        for column in values.T:
            at_each = np.broadcast_to(column[:, None, None], (arm.size, n_visits, 1))
            parts.append(cell * at_each if by_visit[name] else at_each)
    return np.concatenate(parts, axis=-1)


def _events(
    frame: pd.DataFrame, analysis: ImputationPart, y: FloatArray
) -> tuple[BoolArray, tuple[str, ...]]:
    """Visits before each subject's event, and which event it was."""
    n, n_visits = y.shape
    empty = np.full(len(frame), "", dtype=object)
    event = np.asarray(frame.get("event", empty), dtype=object).reshape(n, n_visits)
    if analysis.dropout_counts_as is not None:
        seen = ~np.isnan(y)
        last = np.where(seen, np.arange(n_visits), -1).max(axis=1)
        gone = np.arange(n_visits) > last[:, None]
        event = np.where(gone & (event == ""), analysis.dropout_counts_as, event)
    # what happened first holds to the end
    after = np.logical_or.accumulate(event != "", axis=1)
    which = event[np.arange(n), np.argmax(event != "", axis=1)]
    return ~after, tuple(map(str, which))
