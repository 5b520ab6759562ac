"""Strata that leave participants out: a comparison within strata uses those with both arms only."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData, EndpointData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.remarks import COUNT, Remark

FEW: Final = 0.05
"""The share of participants left out up to which a note is enough."""


@dataclass(frozen=True)
class StrataUsed:
    """How far strata use the participants of a comparison.

    Attributes
    ----------
    n_strata, n_informative : int
        Strata, and those that add to the comparison.
    n, n_left_out : int
        Participants compared, and those in the other strata.
    """

    n_strata: int
    n_informative: int
    n: int
    n_left_out: int


def strata_remarks(plan: AnalysisPlan, name: str, endpoint: EndpointData) -> tuple[Remark, ...]:
    """Who adds nothing to the stratified results of an analysis; nothing without strata."""
    analysis = plan.analyses[name]
    treatment = plan.estimands[analysis.estimand].treatment
    strata = getattr(analysis, "strata", ())
    if not strata or not treatment.compares:
        return ()
    rows = _rows(plan, analysis, endpoint)
    rows = rows[rows["arm"].isin(treatment.arms)]
    used = strata_used(rows, strata, treatment.active)
    if not used.n_left_out:
        return ()
    share = used.n_left_out / used.n
    return (
        Remark(
            f"{COUNT} of the {used.n} compared are in strata ({', '.join(strata)}) that hold "
            f"{_lacking(endpoint)}, and add nothing to the stratified results; "
            f"{used.n_informative} of {used.n_strata} strata add to them",
            remedy="Take fewer or wider strata" if share > FEW else "",
            count=used.n_left_out,
            total=used.n,
            gravity="warning" if share > FEW else "note",
        ),
    )


def _lacking(endpoint: EndpointData) -> str:
    if isinstance(endpoint, BinaryData):
        return "participants of one arm only"
    return "one arm only, or no event while both arms were at risk"


def _rows(plan: AnalysisPlan, analysis: Analysis, endpoint: EndpointData) -> pd.DataFrame:
    """Rows that the analysis compares; of scores those of the estimand's visit."""
    frame = endpoint.frame
    if not isinstance(endpoint, BinaryData):
        return frame
    here = frame[frame["visit"] == plan.estimands[analysis.estimand].visit]
    return (
        here[here["outcome"].notna()] if getattr(analysis, "missing_as", "") == "excluded" else here
    )


def strata_used(rows: pd.DataFrame, strata: tuple[str, ...], active: str) -> StrataUsed:
    """Strata that hold both arms; of times, those with an event while both were at risk.

    Parameters
    ----------
    rows : DataFrame
        `subject, arm`, the strata, and of times to event `start` (if follow-up may begin later),
        `stop` or `time`, and `event`.
    """
    in_stratum = rows.groupby(list(strata), observed=True, dropna=True)
    informative = {key: _adds(part, active) for key, part in in_stratum}
    people = in_stratum["subject"].nunique()
    used = np.array([informative[key] for key in informative], dtype=bool)
    counts = people.to_numpy()
    return StrataUsed(
        len(used), int(used.sum()), int(counts.sum()), int(counts[~used].sum()) if len(used) else 0
    )


def _adds(stratum: pd.DataFrame, active: str) -> bool:
    """Whether a stratum adds to a comparison of two arms."""
    is_active = (stratum["arm"] == active).to_numpy()
    if is_active.all() or not is_active.any():
        return False
    end = next((column for column in ("stop", "time") if column in stratum), None)
    if end is None:
        return True
    times = np.unique(stratum.loc[stratum["event"].astype(bool), end].to_numpy(dtype=float))
    both = [_at_risk(stratum[arm], end, times) > 0 for arm in (is_active, ~is_active)]
    return bool((both[0] & both[1]).any())


def _at_risk(rows: pd.DataFrame, end: str, times: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many rows are at risk just before each time."""
    stop = np.sort(rows[end].to_numpy(dtype=float))
    left = np.searchsorted(stop, times, side="left")
    if "start" not in rows:
        return np.asarray(len(stop) - left, dtype=np.int64)
    start = np.sort(rows["start"].to_numpy(dtype=float))
    return np.asarray(np.searchsorted(start, times, side="left") - left, dtype=np.int64)
