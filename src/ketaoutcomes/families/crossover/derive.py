"""The change in each period of a crossover trial, with sequence and preceding treatment."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.change import derive_change
from ketaoutcomes.endpoints.data import ChangeData, CrossoverData
from ketaoutcomes.endpoints.sequences import completed_sequences
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark

RARE: Final = 0.1
"""An order that so small a share of the largest one has is hardly of the design."""

BEFORE_THE_FIRST = "none"


def derive_crossover(plan: AnalysisPlan, name: str, cohort: Cohort) -> CrossoverData:
    """Change from each period's baseline in all periods.

    A subject's sequence is its arms in the order of the periods. One who is not in the data of a
    period has the sequence of the others with the same arms elsewhere, where there is only one.
    """
    analysis = plan.analyses[name]
    assert isinstance(analysis, CrossoverAnalysis)
    parts = [_period(plan, analysis, cohort, period) for period in analysis.periods]
    first = parts[0]
    assigned = _assigned(analysis, cohort)
    _refuse_no_crossover(plan, analysis, assigned)
    whole = completed_sequences(assigned)
    sequence = whole.dropna().agg(" - ".join, axis=1)
    frames = []
    for place, (period, part) in enumerate(zip(analysis.periods, parts, strict=True)):
        subject = part.frame["subject"]
        before = analysis.periods[place - 1]
        previous = subject.map(whole[before]) if place else BEFORE_THE_FIRST
        frames.append(
            part.frame.assign(period=period, previous=previous, order=subject.map(sequence))
        )
    frame = pd.concat(frames, ignore_index=True)
    unknown = frame["order"].isna() | frame["previous"].isna()
    lost = frame.loc[unknown, "subject"].nunique()
    excluded = [
        (f"{reason} ({plan.phases[period].label})", count)
        for period, part in zip(analysis.periods, parts, strict=True)
        for reason, count in part.excluded
    ]
    if lost:
        excluded.append(("sequence not known", int(lost)))
    return CrossoverData(
        name=first.name,
        phase=first.phase,
        scale=first.scale,
        arms=first.arms,
        visits=first.visits,
        periods=analysis.periods,
        frame=frame[~unknown].reset_index(drop=True),
        excluded=tuple(excluded),
        remarks=(*_of_periods(analysis, parts), *_rare_orders(assigned)),
        nominal_days=first.nominal_days,
    )


def _of_periods(analysis: CrossoverAnalysis, parts: list[ChangeData]) -> Iterator[Remark]:
    """What is said of the scores of each period, with the period."""
    for period, part in zip(analysis.periods, parts, strict=True):
        yield from (replace(r, where=r.where or f"phase {period}") for r in part.remarks)


def _rare_orders(assigned: pd.DataFrame) -> Iterator[Remark]:
    """Participants whose order of treatments hardly anybody else had: often a slip in the arms."""
    complete = assigned.dropna()
    held = Counter(complete.itertuples(index=False, name=None))
    most = max(held.values(), default=0)
    rare = sum(count for count in held.values() if count <= RARE * most)
    if rare:
        yield Remark(
            "The order of treatments of {count} is one that hardly any other participant has; it "
            "is compared as an order of its own",
            "the arms of the periods",
            "Check the arms of these participants in each period",
            count=rare,
            total=len(complete),
        )


def _period(
    plan: AnalysisPlan, analysis: CrossoverAnalysis, cohort: Cohort, period: str
) -> ChangeData:
    """The endpoint as if its phase were this period."""
    name = plan.estimands[analysis.estimand].endpoint
    moved = plan.endpoints[name].model_copy(update={"phase": period})
    there = plan.model_copy(update={"endpoints": {**plan.endpoints, name: moved}})
    return derive_change(there, analysis.estimand, cohort, analysis.covariate_names)


def _assigned(analysis: CrossoverAnalysis, cohort: Cohort) -> pd.DataFrame:
    """Arm of each subject in each period, NaN where it did not enter."""
    here = cohort.assignments[cohort.assignments["phase"].isin(analysis.periods)]
    wide = here.pivot(index="subject", columns="phase", values="arm")
    return wide.reindex(columns=list(analysis.periods))


def _refuse_no_crossover(
    plan: AnalysisPlan, analysis: CrossoverAnalysis, assigned: pd.DataFrame
) -> None:
    """Refuse periods in which nobody leaves one of the treatments for another, or nobody comes.

    Where only those on one treatment, or only non-responders, are randomised again, treatments do
    not change by a sequence that chance gave at the start: what precedes a treatment then says
    how a participant fared.

    Raises
    ------
    DataError
        With each such treatment of the estimand.
    """
    left, reached = _changes(assigned)
    name = next((n for n, part in plan.analyses.items() if part is analysis), "")
    problems = []
    for arm in plan.estimands[analysis.estimand].treatment.arms:
        lacking = [
            words
            for words, arms in (("from it to another", left), ("from another to it", reached))
            if arm not in arms
        ]
        if lacking:
            problems.append(
                Problem(
                    f"the plan, analyses.{name}.model",
                    f"participants who change from `{arm}` to another treatment, and others who "
                    "change to it, as in a crossover",
                    f"no participant who changes {' or '.join(lacking)}",
                    "in another design, as where some are randomised again, analyse each period "
                    "by itself, for example by `model: mmrm`",
                )
            )
    if problems:
        raise DataError("the participants do not cross over", tuple(problems))


def _changes(assigned: pd.DataFrame) -> tuple[set[str], set[str]]:
    """The arms that somebody left for another in a later period, and those somebody came to."""
    left: set[str] = set()
    reached: set[str] = set()
    for before, after in pairwise(assigned.columns):
        both = assigned[[before, after]].dropna()
        moved = both[both[before] != both[after]]
        left |= set(moved[before])
        reached |= set(moved[after])
    return left, reached


def periods_of(analysis: CrossoverAnalysis) -> tuple[str, ...]:
    """The phases that a crossover analyses."""
    return analysis.periods
