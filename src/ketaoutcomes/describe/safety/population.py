"""Who is counted in the safety tables of a phase, how long, and with which events."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.safety import DEATH_WORDS

FATAL = "fatal"
"""The column of adverse events that tells whether one was fatal."""


@dataclass(frozen=True)
class SafetyPopulation:
    """The subjects of a phase and their adverse events.

    Attributes
    ----------
    arms : tuple of str
        The reference first.
    subjects : DataFrame
        One row a subject: `subject, arm, last_day, followed, reason`; `last_day` on treatment, or
        else in the study, `followed` the other way round, NaN where neither is known.
    events : DataFrame
        One row an adverse event of these subjects, with the columns of `Cohort.adverse_events` and
        `arm`.
    died : set of str, or None
        The subjects known to have died, in the last phase that they entered; None where the data
        have nothing that would tell.
    """

    phase: str
    arms: tuple[str, ...]
    subjects: pd.DataFrame
    events: pd.DataFrame
    died: frozenset[str] | None = None

    @property
    def reference(self) -> str:
        """The arm that others are compared with."""
        return self.arms[0]

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Subjects of each arm."""
        counts = self.subjects["arm"].value_counts()
        return {arm: int(counts.get(arm, 0)) for arm in self.arms}


def safety_population(plan: AnalysisPlan, cohort: Cohort, phase: str) -> SafetyPopulation:
    """Everybody assigned in a phase, in the arm assigned."""
    assigned = cohort.assignments.loc[cohort.assignments["phase"] == phase, ["subject", "arm"]]
    ended, treated = (
        frame[frame["phase"] == phase].set_index("subject")
        for frame in (cohort.follow_up, cohort.treatment_end)
    )
    in_study, on_treatment = (
        assigned["subject"].map(of["last_day"]).astype(float) for of in (ended, treated)
    )
    subjects = assigned.assign(
        last_day=on_treatment.fillna(in_study),
        followed=in_study.fillna(on_treatment),
        reason=assigned["subject"].map(ended["reason"]),
    )
    seen = cohort.adverse_events
    events = seen[seen["phase"] == phase].merge(assigned, on="subject")
    of_phase = plan.phases[phase]
    return SafetyPopulation(
        phase=phase,
        arms=tuple(sorted(of_phase.arms, key=lambda arm: arm != of_phase.reference)),
        subjects=subjects.reset_index(drop=True),
        events=events.assign(soc=one_spelling(events["soc"]), term=one_spelling(events["term"])),
        died=died_in(plan, cohort, phase),
    )


def one_spelling(words: pd.Series) -> pd.Series:
    """The same words under one spelling, where the data differ in capitals or outer spaces."""
    trimmed = words.fillna("not coded").astype(str).str.strip()
    return trimmed.groupby(trimmed.str.casefold()).transform("min")


def died_in(plan: AnalysisPlan, cohort: Cohort, phase: str) -> frozenset[str] | None:
    """Who died in a phase, by whatever the data tell it; None where nothing would.

    Fatal adverse events, events and reasons for the end of follow-up that the plan calls death
    belong to their phase. What the file of participants tells belongs to the last phase entered.
    In a simulated cohort nobody dies unless an event or a reason says so.
    """
    told = [*_told_in_phase(plan, cohort, phase)]
    if len(cohort.deaths):
        dead = cohort.deaths.loc[cohort.deaths["died"].astype(bool), "subject"]
        told.append(dead[dead.isin(_last_entered(plan, cohort, phase))])
    entered = set(cohort.assignments.loc[cohort.assignments["phase"] == phase, "subject"])
    died = frozenset(subject for subjects in told for subject in subjects) & entered
    can_tell = len(cohort.deaths) or FATAL in cohort.adverse_events
    if died or can_tell or cohort.source.kind == "synthetic":
        return died
    return None


def _told_in_phase(plan: AnalysisPlan, cohort: Cohort, phase: str) -> Iterator[pd.Series]:
    named = plan.safety.deaths if plan.safety is not None else DEATH_WORDS
    words = {word.strip().casefold() for word in named}
    for frame, column in (
        (cohort.events, "event"),
        (cohort.follow_up, "reason"),
        (cohort.treatment_end, "reason"),
        (cohort.times, "reason"),
    ):
        said = frame[column].astype(str).str.strip().str.casefold().isin(words)
        yield frame.loc[said & (frame["phase"] == phase), "subject"]
    if FATAL in cohort.adverse_events:
        events = cohort.adverse_events
        yield events.loc[events[FATAL].eq(True) & (events["phase"] == phase), "subject"]


def _last_entered(plan: AnalysisPlan, cohort: Cohort, phase: str) -> set[str]:
    """The subjects whose last phase this is."""
    later = list(plan.phases)[list(plan.phases).index(phase) + 1 :]
    assigned = cohort.assignments
    gone_on = set(assigned.loc[assigned["phase"].isin(later), "subject"])
    return set(assigned.loc[assigned["phase"] == phase, "subject"]) - gone_on
