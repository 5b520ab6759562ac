"""The subjects of a phase with their arm, baseline and covariates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.errors import DataError, Problem, did_you_mean
from ketaoutcomes.plan import AnalysisPlan

BASELINE = "baseline"


@dataclass(frozen=True)
class Members:
    """One row a subject: `subject, arm` and the covariates; and who was left out, with why."""

    frame: pd.DataFrame
    excluded: tuple[tuple[str, int], ...]

    def without(self, left_out: pd.Series, reason: str) -> "Members":
        """The same without some subjects, counted under a reason."""
        count = int(left_out.sum())
        if count == 0:
            return self
        frame = self.frame[~left_out].reset_index(drop=True)
        return Members(frame, (*self.excluded, (reason, count)))


def phase_members(
    plan: AnalysisPlan,
    cohort: Cohort,
    phase: str,
    covariates: tuple[str, ...],
    scale: str | None,
    *,
    keep_missing: bool = False,
    seen: pd.DataFrame | None = None,
) -> Members:
    """Everyone assigned in a phase, less those who lack a covariate.

    Parameters
    ----------
    covariates : tuple of str
        Columns of the subjects or of the phase's assignments; "baseline" is the score at the
        phase's first visit.
    scale : str or None
        The scale of the baseline score.
    keep_missing : bool
        Keep those who lack a covariate, too.
    seen : DataFrame, optional
        The phase's `scores` on the scale, where they are at hand.

    Raises
    ------
    DataError
        If nobody was assigned, or a covariate is in no frame.
    """
    assigned = cohort.assignments[cohort.assignments["phase"] == phase]
    if assigned.empty:
        raise DataError(
            "the cohort does not fit the plan",
            (
                Problem(
                    f"phase `{phase}`",
                    "participants randomised to its arms",
                    "none",
                    "check the phase",
                ),
            ),
        )
    frame = assigned.merge(cohort.subjects, on="subject", how="left", suffixes=("", "_subject"))
    if scale is not None:
        here = scores(cohort, phase, scale) if seen is None else seen
        frame[BASELINE] = _baseline(plan, phase, here, frame["subject"])
    wanted = [name for name in covariates if name != BASELINE or scale is None]
    _refuse_unknown(wanted, frame, phase)
    kept = ["subject", "arm", *wanted, *([BASELINE] if scale is not None else [])]
    members = Members(frame[kept].sort_values("subject", ignore_index=True), ())
    for name in () if keep_missing else wanted:
        members = members.without(members.frame[name].isna(), f"{name} missing")
    return members


def scores(cohort: Cohort, phase: str, scale: str) -> pd.DataFrame:
    """The phase's scores on one scale: `subject, visit, day, score`, missing ones left out.

    And `derived`, how a score was derived that was not observed, where the data tell it.
    """
    return cohort.scores(phase, scale)


def without_baseline(
    plan: AnalysisPlan, members: Members, scale: str, seen: pd.DataFrame
) -> Members:
    """The members with a baseline; whoever has no score at all is counted for that reason.

    Parameters
    ----------
    seen : DataFrame
        The phase's `scores` on the scale.
    """
    unseen = ~members.frame["subject"].isin(seen["subject"])
    members = members.without(unseen, f"no {scale} score{_among_kept(plan)}")
    return members.without(members.frame[BASELINE].isna(), "no baseline score")


def _among_kept(plan: AnalysisPlan) -> str:
    """Which rows of the scores the plan keeps, where it keeps some."""
    kept = plan.data.where.get("visits", {})
    if not kept:
        return ""
    rows = "; ".join(
        f"{column} {' or '.join(value or 'empty' for value in values)}"
        for column, values in kept.items()
    )
    return f" in the rows that the plan keeps ({rows})"


def later_scores(plan: AnalysisPlan, cohort: Cohort, phase: str, scale: str) -> pd.DataFrame:
    """The phase's scores on one scale after baseline, those of the dosing day among them.

    What is after baseline is for the visit to say, and so is the order of two visits of one study
    day. A day before the start contradicts its visit; the data's reader has reported it.

    Returns
    -------
    DataFrame
        `subject, visit, day, score`, by subject, day and the plan's order of visits.
    """
    seen = scores(cohort, phase, scale).astype({"day": float})
    later = (seen["visit"] != plan.phases[phase].baseline_visit) & (seen["day"] >= 0)
    places = {visit: place for place, visit in enumerate(plan.phases[phase].schedule())}
    placed = seen[later].reset_index(drop=True)
    order = placed["visit"].map(places)
    if _in_order(placed["subject"].to_numpy(), placed["day"].to_numpy(), order.to_numpy()):
        return placed
    keys = ["subject", "day", "order"]
    return placed.assign(order=order).sort_values(keys, ignore_index=True).drop(columns="order")


def _in_order(*keys: NDArray[Any]) -> bool:
    """Whether rows are sorted by these keys already, as those of most files are.

    To look costs a small part of sorting words.
    """
    before = np.zeros(max(len(keys[0]) - 1, 0), dtype=bool)
    same = ~before
    for key in keys:
        low, high = key[:-1], key[1:]
        before |= same & np.asarray(low < high, dtype=bool)
        same &= np.asarray(low == high, dtype=bool)
    return bool((before | same).all())


def last_assessment(cohort: Cohort, phase: str, subjects: pd.Series) -> pd.Series:
    """Day of each subject's last score on any scale; 0 if that was before the first dose."""
    last = subjects.map(cohort.last_assessed(phase)).astype(float)
    return last.clip(lower=0.0)


def _baseline(plan: AnalysisPlan, phase: str, seen: pd.DataFrame, subjects: pd.Series) -> pd.Series:
    """The score at the phase's first visit, NaN where missing."""
    first = seen[(seen["visit"] == plan.phases[phase].baseline_visit).to_numpy()]
    by_subject = first.drop_duplicates("subject").set_index("subject")["score"].astype(float)
    return subjects.map(by_subject)


def _refuse_unknown(wanted: list[str], frame: pd.DataFrame, phase: str) -> None:
    unknown = [name for name in wanted if name not in frame]
    if unknown:
        known = ", ".join(str(c) for c in frame if c not in ("subject", "arm", "phase"))
        raise DataError(
            "the cohort does not fit the plan",
            tuple(
                Problem(
                    f"phase `{phase}`",
                    f"the covariate `{name}`",
                    "no such column in the data",
                    f"{_question(name, frame)}use one of: {known or '(none)'}; or map it under "
                    "`data.columns.covariates`",
                )
                for name in unknown
            ),
        )


def _question(name: str, frame: pd.DataFrame) -> str:
    """The covariate that may be meant."""
    question = did_you_mean(name, (str(column) for column in frame))
    return f"{question} Else " if question else ""
