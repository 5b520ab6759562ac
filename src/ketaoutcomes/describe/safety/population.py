"""Who is counted in the safety tables of a phase, how long, and with which events."""

from dataclasses import dataclass

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.plan import AnalysisPlan


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
    """

    phase: str
    arms: tuple[str, ...]
    subjects: pd.DataFrame
    events: pd.DataFrame

    @property
    def reference(self) -> str:
        """The arm that others are compared with."""
        return self.arms[0]

    @property
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
    )


def one_spelling(words: pd.Series) -> pd.Series:
    """The same words under one spelling, where the data differ in capitals or outer spaces."""
    trimmed = words.fillna("not coded").astype(str).str.strip()
    return trimmed.groupby(trimmed.str.casefold()).transform("min")
