"""Participant flow of a crossover: by sequence of treatments and by period (Dwan 2019, item 13)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from ketaoutcomes.cohort import COMPLETED, Cohort
from ketaoutcomes.endpoints.data import CrossoverData, EndpointData
from ketaoutcomes.endpoints.sequences import completed_sequences
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.privacy.counts import SEQUENCES
from ketaoutcomes.results import Result

THEN = " - "
"""Between the arms of a sequence."""

UNKNOWN = "not known"


def sequence_flow(
    plan: AnalysisPlan, cohort: Cohort, endpoints: Mapping[str, EndpointData]
) -> tuple[Result, ...]:
    """Counts by period and sequence; `group` is the sequence, or "sequence: reason of leaving".

    `arm` is the treatment of the sequence in the period. A participant who is not in the data of
    a period has the sequence of the others with the same arms elsewhere, where there is only one.
    """
    periods = periods_of(plan)
    if not periods:
        return ()
    of_subject = _sequences(cohort, periods)
    rows = [row for period in periods for row in _period(plan, cohort, of_subject, period)]
    for name, data in endpoints.items():
        if isinstance(data, CrossoverData):
            rows += _analysed(name, data, of_subject, periods)
    return tuple(rows)


def periods_of(plan: AnalysisPlan) -> tuple[str, ...]:
    """The phases that are periods of a crossover; none where no analysis takes them as such."""
    for analysis in plan.analyses.values():
        periods = model_of(analysis).phases
        if periods is not None:
            return periods(analysis)
    return ()


def _sequences(cohort: Cohort, periods: tuple[str, ...]) -> pd.Series:
    """The sequence of each participant of these periods, as arms in their order."""
    here = cohort.assignments[cohort.assignments["phase"].isin(periods)]
    wide = here.pivot(index="subject", columns="phase", values="arm").reindex(columns=list(periods))
    whole = completed_sequences(wide)
    return pd.Series({subject: _named(arms) for subject, arms in whole.iterrows()})


def _named(arms: pd.Series) -> str:
    """The arms in words; all periods after the last known arm are one unknown."""
    last = arms.last_valid_index()
    known = arms[:last].fillna(UNKNOWN)
    return THEN.join((*known, *(() if len(known) == len(arms) else (UNKNOWN,))))


def _period(
    plan: AnalysisPlan, cohort: Cohort, of_subject: pd.Series, period: str
) -> Iterator[Result]:
    assigned = cohort.assignments[cohort.assignments["phase"] == period]
    ended = cohort.follow_up[cohort.follow_up["phase"] == period]
    joined = assigned.merge(ended, on=["subject", "phase"], how="left")
    joined = joined.assign(sequence=joined["subject"].map(of_subject))
    reasons = sorted(set(joined["reason"].dropna()) - {COMPLETED})
    told = joined["reason"].notna().any()
    for sequence in sorted(set(of_subject)):
        here = joined[joined["sequence"] == sequence]
        arm = _treatment(plan, sequence, period)
        row = Result(table=SEQUENCES, statistic="assigned", phase=period, arm=arm, group=sequence)
        yield replace(row, n=len(here))
        if told:
            yield replace(row, statistic="completed", n=int((here["reason"] == COMPLETED).sum()))
            for reason in reasons:
                left = replace(row, statistic="left", group=f"{sequence}: {reason}")
                yield replace(left, n=int((here["reason"] == reason).sum()))


def _treatment(plan: AnalysisPlan, sequence: str, period: str) -> str:
    """The arm of a sequence in a period; none where it is not known."""
    place = periods_of(plan).index(period)
    arms = sequence.split(THEN)
    return arms[place] if place < len(arms) and arms[place] != UNKNOWN else ""


def _analysed(
    name: str, data: CrossoverData, of_subject: pd.Series, periods: tuple[str, ...]
) -> Iterator[Result]:
    """Participants of each sequence who are in the analysis with any of their periods."""
    subjects = data.frame["subject"].drop_duplicates()
    counts = subjects.map(of_subject).value_counts()
    for sequence in sorted(set(of_subject)):
        row = Result(table=SEQUENCES, statistic="analysed", analysis=name, group=sequence)
        yield replace(row, phase=periods[0], n=int(counts.get(sequence, 0)))
