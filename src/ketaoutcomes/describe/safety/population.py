"""Who is counted in the safety tables of a phase, how long, and with which events."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.numerics.neighbours import begins_a_run
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.safety import DEATH_WORDS

FATAL = "fatal"
"""The column of adverse events that tells whether one was fatal."""

PLACE: Final = "place"
"""The place of a row's subject among all of the population, by which rows are soon counted."""


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

    @cached_property
    def ids(self) -> pd.Index:
        """The subjects in order."""
        ids: pd.Index = pd.Index(self.subjects["subject"])
        in_order: pd.Index = ids if ids.is_monotonic_increasing else ids.sort_values()
        return in_order

    @cached_property
    def own_places(self) -> NDArray[np.int64]:
        """The place of each row of `subjects`."""
        return np.asarray(self.ids.get_indexer(pd.Index(self.subjects["subject"])))

    @cached_property
    def placed_events(self) -> pd.DataFrame:
        """The adverse events with the place of the subject."""
        return self.placed(self.events)

    def placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows of subjects of the population, with their places."""
        place = _places(self.ids, rows["subject"])
        placed = rows.assign(**{PLACE: place})
        return placed if (place >= 0).all() else placed[place >= 0]

    def with_any(self, placed: pd.DataFrame) -> NDArray[np.bool_]:
        """Whether each subject, by place, has one of these rows."""
        had = np.zeros(len(self.ids), dtype=bool)
        had[placed[PLACE].to_numpy()] = True
        return had

    def by_arm(self, had: NDArray[np.bool_]) -> dict[str, int]:
        """How many of each arm are marked, subjects by place."""
        return self._counted(self._arm_of[had])

    def rows_by_arm(self, placed: pd.DataFrame) -> dict[str, int]:
        """How many of these rows each arm has."""
        return self._counted(self.arms_of(placed))

    def arms_of(self, placed: pd.DataFrame) -> NDArray[np.int64]:
        """The place among the arms of each row's."""
        return np.asarray(self._arm_of[placed[PLACE].to_numpy()])

    @cached_property
    def _arm_of(self) -> NDArray[np.int64]:
        """The place of each subject's arm among the arms, subjects by place."""
        arm = np.empty(len(self.ids), dtype=np.int64)
        arm[self.own_places] = pd.Index(self.arms).get_indexer(pd.Index(self.subjects["arm"]))
        return arm

    def _counted(self, arm: NDArray[np.int64]) -> dict[str, int]:
        counts = np.bincount(arm + 1, minlength=len(self.arms) + 1)  # -1 is no arm of the phase
        return dict(zip(self.arms, counts[1:].tolist(), strict=True))


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
    events = seen[seen["phase"] == phase]
    place = _places(pd.Index(assigned["subject"]), events["subject"])
    arm = assigned["arm"].to_numpy()[place]
    events = events.assign(arm=arm)[place >= 0].reset_index(drop=True)
    of_phase = plan.phases[phase]
    return SafetyPopulation(
        phase=phase,
        arms=tuple(sorted(of_phase.arms, key=lambda arm: arm != of_phase.reference)),
        subjects=subjects.reset_index(drop=True),
        events=events.assign(soc=one_spelling(events["soc"]), term=one_spelling(events["term"])),
        died=died_in(plan, cohort, phase),
    )


def _places(ids: pd.Index, subjects: pd.Series) -> NDArray[np.int64]:
    """The place of each row's subject among the ids, looked up once where rows stand together."""
    named = subjects.to_numpy(dtype=object)
    begins = begins_a_run(named)
    return np.asarray(ids.get_indexer(pd.Index(named[begins]))[np.cumsum(begins) - 1])


def each_word(column: pd.Series, changed: Callable[[Any], Any]) -> pd.Series:
    """Each word of a column changed, once for all rows that have it."""
    codes, words = pd.factorize(column, use_na_sentinel=False)
    found = np.array([changed(word) for word in words], dtype=object)
    return pd.Series(found[codes], index=column.index, name=column.name)


def one_spelling(words: pd.Series) -> pd.Series:
    """The same words under one spelling, where the data differ in capitals or outer spaces."""

    def trimmed(word: Any) -> str:
        return "not coded" if pd.isna(word) else str(word).strip()

    first: dict[str, str] = {}
    for word in sorted({trimmed(word) for word in words.unique()}):
        first.setdefault(word.casefold(), word)
    return each_word(words, lambda word: first[trimmed(word).casefold()])


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
        told = {word for word in frame[column].unique() if str(word).strip().casefold() in words}
        if told:
            said = frame[column].isin(told) & (frame["phase"] == phase)
            yield frame.loc[said, "subject"]
    if FATAL in cohort.adverse_events:
        events = cohort.adverse_events
        yield events.loc[events[FATAL].eq(True) & (events["phase"] == phase), "subject"]


def _last_entered(plan: AnalysisPlan, cohort: Cohort, phase: str) -> set[str]:
    """The subjects whose last phase this is."""
    later = list(plan.phases)[list(plan.phases).index(phase) + 1 :]
    assigned = cohort.assignments
    gone_on = set(assigned.loc[assigned["phase"].isin(later), "subject"])
    return set(assigned.loc[assigned["phase"] == phase, "subject"]) - gone_on
