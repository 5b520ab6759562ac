"""A cohort: the subjects of a study and all that was observed of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.numerics.neighbours import begins_a_run
from ketaoutcomes.remarks import Remark


@dataclass(frozen=True)
class Source:
    """Where a cohort came from.

    Attributes
    ----------
    kind : {"synthetic", "real"}
    description : str
        Words for the report.
    seed : int or None
        Seed of a synthetic cohort.
    remarks : tuple of Remark
        What a report must say of how the data were made ready.
    sha256s : tuple of (str, str)
        Each file of real data with the SHA-256 of the bytes that were read.
    listed : int or None
        People of the file of participants, where there is one. It tells no two cohorts apart: the
        same people may be listed in a file of their own or not.
    not_entered : tuple of (str, int)
        Why those who failed screening did not enter, with their number.
    """

    kind: str
    description: str
    seed: int | None = None
    remarks: tuple[Remark, ...] = ()
    sha256s: tuple[tuple[str, str], ...] = ()
    listed: int | None = field(default=None, compare=False)
    not_entered: tuple[tuple[str, int], ...] = ()

    @property
    def assessed(self) -> int | None:
        """People assessed, where the file of participants also holds those who failed screening."""
        return self.listed if self.not_entered else None


SUBJECT_COLUMNS: Final = ("subject",)
ASSIGNMENT_COLUMNS: Final = ("subject", "phase", "arm")
VISIT_COLUMNS: Final = ("subject", "phase", "visit", "day", "scale", "score")
DERIVED: Final = "derived"
"""An optional column of scores: how one was derived that was not observed."""
EVENT_COLUMNS: Final = ("subject", "phase", "day", "event")
FOLLOW_UP_COLUMNS: Final = ("subject", "phase", "last_day", "reason")
TIME_COLUMNS: Final = ("subject", "phase", "time", "event", "reason", "entry")
NOT_YET: Final = "after"
"""The column of the last time without the event, where data hold events between two times."""
ADVERSE_EVENT_COLUMNS: Final = (
    *("subject", "phase", "day", "soc", "term", "severity", "serious", "related"),
)
DEATH_COLUMNS: Final = ("subject", "died")
EXPOSURE_COLUMNS: Final = ("subject", "phase", "day", "dose", "unit", "route")
LABORATORY_COLUMNS: Final = (
    *("subject", "phase", "day", "test", "value", "unit", "low", "high", "indicator"),
    *("baseline", "baseline_indicator"),
)
COST_COLUMNS: Final = ("subject", "phase", "day", "item", "amount", "currency")
COHORTS_MANIFEST: Final = "MANIFEST.json"
"""Stands above the folders that `simulate` writes, and names them."""

SIMULATED_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "subjects": SUBJECT_COLUMNS,
    "assignments": ASSIGNMENT_COLUMNS,
    "visits": VISIT_COLUMNS,
    "events": EVENT_COLUMNS,
    "follow_up": FOLLOW_UP_COLUMNS,
    "adverse_events": ADVERSE_EVENT_COLUMNS,
    "exposure": EXPOSURE_COLUMNS,
    "costs": COST_COLUMNS,
}
"""The tables of a simulated cohort, and the columns that each has at least, in this order."""
OPTIONAL_FRAMES: Final = (
    *("times", "adverse_events", "exposure", "costs", "treatment_end", "deaths", "laboratory"),
)
COMPLETED: Final = "completed"
TREATMENT_DISCONTINUATION: Final = "treatment discontinuation"


def empty_frame(columns: tuple[str, ...]) -> pd.DataFrame:
    """A frame with these columns and no row."""
    return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})


@dataclass(frozen=True)
class Cohort:
    """Twelve frames, the same for synthetic and real data; the last seven may be empty.

    Every frame is sorted by subject (and phase, day); `day` counts days since the start of the
    phase, 0.0 = first dose (so the plan's "day 8" is 7.0); `subject` is a string.

    Attributes
    ----------
    subjects : DataFrame
        One row a subject: `subject` and the covariates, strings or floats.
    assignments : DataFrame
        One row a subject and phase entered: `subject, phase, arm`, and stratification factors of
        that phase as further columns.
    visits : DataFrame
        One row a subject, phase, visit and scale: `subject, phase, visit, day, scale, score`. The
        phase's first visit is its baseline. A visit not made has no row or a missing score. Where
        data tell how scores were derived that were not observed, there is a further column
        `derived`: the way, such as "LOCF", missing where a score was observed.
    events : DataFrame
        `subject, phase, day, event`, event being a name like "treatment discontinuation".
    follow_up : DataFrame
        One row a subject and phase: `subject, phase, last_day, reason`; the last day in the study,
        NaN where the data say only when treatment ended; reason "completed" or why the subject
        left. Empty where the data do not say.
    times : DataFrame
        Times to event that the data already hold: `subject, phase, time, event, reason, entry`;
        time in days, event boolean. A row is under observation for `entry < t <= time`; `entry` is
        0 unless it is delayed. A subject observed in several intervals has a row for each, with the
        covariates that change as further columns; the last one tells the event.
    source : Source
    adverse_events : DataFrame
        One row an adverse event: `subject, phase, day, soc, term, severity, serious, related`; day
        of onset, system organ class and preferred term as MedDRA has them, severity "mild",
        "moderate" or "severe", serious and related boolean. Where data tell whether an event was
        fatal, there is a further column `fatal`, missing where an event's row does not tell.
    exposure : DataFrame
        One row a dose taken: `subject, phase, day, dose, unit, route`; 0 where a placebo was given.
    costs : DataFrame
        One row a cost: `subject, phase, day, item, amount, currency`.
    treatment_end : DataFrame
        As `follow_up`, of the last day on treatment and why treatment ended.
    deaths : DataFrame
        One row a subject of whom the file of subjects tells whether they died: `subject, died`.
    laboratory : DataFrame
        One row a value of a laboratory or ECG test: `subject, phase, day, test, value, unit`; `low`
        and `high`, the limits of its reference range, and `indicator`, "low", "normal" or "high",
        each missing where the data do not tell it; `baseline`, whether it is the baseline value as
        the data flag it, missing in data without flags; `baseline_indicator` as `indicator`.
    """

    subjects: pd.DataFrame
    assignments: pd.DataFrame
    visits: pd.DataFrame
    events: pd.DataFrame
    follow_up: pd.DataFrame
    times: pd.DataFrame
    source: Source
    adverse_events: pd.DataFrame = field(default_factory=lambda: empty_frame(ADVERSE_EVENT_COLUMNS))
    exposure: pd.DataFrame = field(default_factory=lambda: empty_frame(EXPOSURE_COLUMNS))
    costs: pd.DataFrame = field(default_factory=lambda: empty_frame(COST_COLUMNS))
    treatment_end: pd.DataFrame = field(default_factory=lambda: empty_frame(FOLLOW_UP_COLUMNS))
    deaths: pd.DataFrame = field(default_factory=lambda: empty_frame(DEATH_COLUMNS))
    laboratory: pd.DataFrame = field(default_factory=lambda: empty_frame(LABORATORY_COLUMNS))

    def scores(self, phase: str, scale: str) -> pd.DataFrame:
        """The phase's scores on one scale: `subject, visit, day, score`, missing ones left out.

        And `derived`, how a score was derived that was not observed, where the data tell it. The
        frame is not to be changed: those asked for last are kept, for who asks often asks again.
        """
        if (phase, scale) not in self._last_scores:
            self._last_scores.clear()
            self._last_scores[phase, scale] = self._scores(phase, scale)
        return self._last_scores[phase, scale]

    def forget_scores(self) -> None:
        """Drop the scores that are kept for who asks again."""
        self._last_scores.clear()

    @cached_property
    def _last_scores(self) -> dict[tuple[str, str], pd.DataFrame]:
        return {}

    def _scores(self, phase: str, scale: str) -> pd.DataFrame:
        visits = self.visits
        here = (visits["phase"] == phase) & (visits["scale"] == scale) & visits["score"].notna()
        columns = ["subject", "visit", "day", "score", *([DERIVED] if DERIVED in visits else [])]
        found = visits.loc[here, columns]
        return found.astype({"visit": object})

    @cached_property
    def _last_days(self) -> dict[str, pd.Series]:
        return {}

    def last_assessed(self, phase: str) -> pd.Series:
        """Day of the last score on any scale in a phase, by subject; not to be changed."""
        if phase not in self._last_days:
            here = (self.visits["phase"] == phase) & self.visits["score"].notna()
            self._last_days[phase] = _last_days(self.visits.loc[here, ["subject", "day"]])
        return self._last_days[phase]

    def frames(self) -> dict[str, pd.DataFrame]:
        """What was observed, by name; an optional frame is left out if it is empty."""
        named = {
            "subjects": self.subjects,
            "assignments": self.assignments,
            "visits": self.visits,
            "events": self.events,
            "follow_up": self.follow_up,
            "times": self.times,
            "adverse_events": self.adverse_events,
            "exposure": self.exposure,
            "costs": self.costs,
            "treatment_end": self.treatment_end,
            "deaths": self.deaths,
            "laboratory": self.laboratory,
        }
        return {
            name: frame
            for name, frame in named.items()
            if name not in OPTIONAL_FRAMES or len(frame)
        }


def _last_days(seen: pd.DataFrame) -> pd.Series:
    """The last day of each subject.

    Most files hold the rows of a subject together: the last of each such run is found first, so
    that words are sorted once a subject and not once a row.
    """
    if seen.empty:
        return seen.groupby("subject")["day"].max()
    subject = seen["subject"].to_numpy(dtype=object)
    begins = np.flatnonzero(begins_a_run(subject))
    last = np.fmax.reduceat(seen["day"].to_numpy(dtype=float), begins)
    runs = pd.Series(last, index=pd.Index(subject[begins], name="subject"), name="day")
    return runs.groupby(level=0).max()
