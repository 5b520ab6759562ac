"""Published results of an outcome are pooled: results by study, together, otherwise, in groups."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ketaoutcomes.numerics.meta_analysis.effect_sizes import (
    Counts,
    Effect,
    Means,
    Published,
    hedges_g,
    log_odds_ratio,
    log_risk_ratio,
    mean_difference,
    risk_difference,
    tells_nothing,
)
from ketaoutcomes.numerics.meta_analysis.pooling import (
    Interval,
    Pooled,
    pool,
    small_study_effects,
    study_interval,
    without_each,
)
from ketaoutcomes.numerics.meta_analysis.spread import Estimator
from ketaoutcomes.plan.synthesis import Measure, Outcome, SynthesisPlan
from ketaoutcomes.results import Result
from ketaoutcomes.studies import StudyData, StudyResult
from ketaoutcomes.synthesis.characteristics import (
    Effects,
    between_groups_test,
    groups_of,
    regression_rows,
)

LEAST_FOR_REGRESSION = 10
"""Fewer studies leave the regression test without power: Sterne et al. 2011, BMJ 343:d4002."""

LEAST_TO_LEAVE_OUT = 3
ESTIMATORS: dict[Estimator, str] = {
    "reml": "restricted maximum likelihood",
    "paule-mandel": "Paule-Mandel",
    "dersimonian-laird": "DerSimonian-Laird",
    "none": "one effect common to all",
}
INTERVALS: dict[Interval, str] = {"hartung-knapp": "Hartung-Knapp", "normal": "normal"}


def synthesis_results(plan: SynthesisPlan, data: StudyData) -> tuple[Result, ...]:
    """All rows of one outcome."""
    outcome = plan.outcomes[data.outcome]
    return tuple(_Work(plan, outcome, data).rows())


class _Work:
    """An outcome with the effects of its studies."""

    def __init__(self, plan: SynthesisPlan, outcome: Outcome, data: StudyData) -> None:
        self.plan, self.outcome = plan, outcome
        self.conf_level = plan.report.confidence_level
        self.row = Result(table="synt01", statistic="effect", analysis=data.outcome)
        self.all_studies = data.studies
        studies = tuple(s for s in data.studies if _can_be_had(outcome.measure, s))
        found = [effect_of(outcome.measure, study) for study in studies]
        y = np.array([effect.estimate for effect in found])
        v = np.array([effect.variance for effect in found])
        self.effects = Effects(studies, y, v, plan.pooling, self.conf_level)

    def rows(self) -> Iterator[Result]:
        """By study, pooled, otherwise, in groups, small studies."""
        yield from self._of_studies()
        if not self.effects.studies:
            message = "no study reports the effect"
            yield replace(
                self.row,
                table="synt02",
                statistic="pooled effect",
                status="failed",
                message=message,
            )
            return
        yield from self._pooled(self.effects.pool())
        yield from self._otherwise()
        yield from self._of_one_kind()
        yield from self._without_each()
        for label in self.outcome.groups:
            yield from self._in_groups(label)
        for label in self.outcome.regress_on:
            yield from regression_rows(replace(self.row, table="synt08"), self.effects, label)
        if len(self.effects.studies) >= LEAST_FOR_REGRESSION:
            yield self._of_small_studies()

    def _of_studies(self) -> Iterator[Result]:
        """Effect and weight of each study; a study that tells no ratio is said to be one."""
        effects = self.effects
        weights = iter(effects.pool().weights if effects.studies else ())
        place = 0
        for study in self.all_studies:
            row = replace(self.row, group=study.study, n=study.subjects, n_events=_events(study))
            if study not in effects.studies:
                message = "no events, or events in all participants, in both arms"
                yield replace(row, status="warning", message=message)
                continue
            y, v = float(effects.y[place]), float(effects.v[place])
            low, high = study_interval(y, v, self.conf_level)
            yield self._written(replace(row, std_error=v**0.5), y, low, high)
            yield replace(row, statistic="weight", estimate=100 * float(next(weights)), unit="%")
            place += 1

    def _written(self, row: Result, estimate: float, low: float, high: float) -> Result:
        """The row with an effect and its interval; of a ratio not its logarithm."""
        of = np.exp if self.outcome.is_ratio else float
        return replace(
            row,
            estimate=float(of(estimate)),
            conf_low=float(of(low)),
            conf_high=float(of(high)),
            conf_level=self.conf_level,
        )

    def _pooled_row(self, row: Result, pooled: Pooled) -> Result:
        row = replace(
            row,
            std_error=pooled.std_error,
            df=None if np.isinf(pooled.df) else pooled.df,
            test_statistic=pooled.statistic,
            p_value=pooled.p_value,
        )
        return self._written(row, pooled.estimate, pooled.conf_low, pooled.conf_high)

    def _pooled(self, pooled: Pooled) -> Iterator[Result]:
        """The pooled effect, where a new study is expected, and how far studies differ."""
        pooling = self.plan.pooling
        row = replace(
            self.row,
            table="synt02",
            n=self.effects.subjects,
            method=f"random effects, {ESTIMATORS[pooling.between_studies]}, "
            f"{INTERVALS[pooling.interval]} interval",
        )
        yield self._pooled_row(replace(row, statistic="pooled effect"), pooled)
        yield replace(row, statistic="studies", estimate=float(len(self.effects.studies)), n=None)
        if pooled.prediction is not None:
            low, high = pooled.prediction
            yield self._written(replace(row, statistic="prediction"), pooled.estimate, low, high)
        spread = pooled.heterogeneity
        if spread is None:
            return
        row = replace(row, method="", n=None, conf_level=self.conf_level)
        yield replace(
            row,
            statistic="variance between studies",
            estimate=spread.tau2,
            conf_low=spread.conf_low,
            conf_high=spread.conf_high,
        )
        yield replace(
            row,
            statistic="I2",
            estimate=spread.i2,
            conf_low=spread.i2_low,
            conf_high=spread.i2_high,
            unit="%",
        )
        yield replace(
            row,
            statistic="heterogeneity test",
            test_statistic=spread.q,
            df=float(spread.df),
            p_value=spread.p_value,
            conf_level=None,
        )

    def _otherwise(self) -> Iterator[Result]:
        """Other estimators and intervals, and one common effect."""
        chosen = (self.plan.pooling.between_studies, self.plan.pooling.interval)
        for estimator, words in ESTIMATORS.items():
            for interval, of_interval in INTERVALS.items():
                if (estimator, interval) == chosen or (estimator, interval) == _SAME_TWICE:
                    continue
                pooled = pool(self.effects.y, self.effects.v, estimator, interval, self.conf_level)
                group = words if estimator == "none" else f"{words}, {of_interval} interval"
                row = replace(self.row, table="synt03", statistic="pooled effect", group=group)
                yield self._pooled_row(row, pooled)

    def _of_one_kind(self) -> Iterator[Result]:
        """Without the studies that tell changes from baseline, where others tell end values."""
        kinds = [study.kind for study in self.effects.studies]
        at_the_end = [kind == "means" for kind in kinds]
        if all(at_the_end) or not any(at_the_end) or "counts" in kinds:
            return
        here = self.effects.only(at_the_end)
        row = replace(self.row, table="synt03", statistic="of end values alone", n=here.subjects)
        yield self._pooled_row(row, here.pool())

    def _without_each(self) -> Iterator[Result]:
        effects = self.effects
        if len(effects.studies) < LEAST_TO_LEAVE_OUT:
            return
        pooling = self.plan.pooling
        several = without_each(
            effects.y, effects.v, pooling.between_studies, pooling.interval, self.conf_level
        )
        for study, pooled in zip(effects.studies, several, strict=True):
            row = replace(self.row, table="synt03", statistic="without it", group=study.study)
            yield self._pooled_row(row, pooled)

    def _in_groups(self, label: str) -> Iterator[Result]:
        """The effect in each group of studies, and the test that groups are alike."""
        table = replace(self.row, table="synt04")
        for value, here in groups_of(self.effects, label).items():
            row = replace(
                table, statistic="pooled effect", group=f"{label}: {value}", n=here.subjects
            )
            yield self._pooled_row(row, here.pool())
            yield replace(row, statistic="studies", estimate=float(len(here.studies)), n=None)
        if (test := between_groups_test(table, self.effects, label)) is not None:
            yield test

    def _of_small_studies(self) -> Result:
        effects = self.effects
        sizes = [study.sizes for study in effects.studies if study.sizes is not None]
        by_size = self.outcome.measure == "hedges_g" and len(sizes) == len(effects.studies)
        v = np.array([1 / n + 1 / m for n, m in sizes]) if by_size else effects.v
        test = small_study_effects(effects.y, v)
        return replace(
            self.row,
            table="synt05",
            statistic="regression test",
            estimate=test.bias,
            std_error=test.std_error,
            df=float(test.df),
            test_statistic=test.statistic,
            p_value=test.p_value,
            method="Egger's regression" + (BY_SIZE if by_size else ""),
        )


BY_SIZE = ", errors by size alone"
"""Of a standardised difference, whose standard error grows with the difference itself."""

_SAME_TWICE = ("none", "hartung-knapp")
"""A common effect has one interval."""


def _can_be_had(measure: Measure, study: StudyResult) -> bool:
    if isinstance(study.numbers, Published):
        return True
    active, control = study.numbers
    if isinstance(active, Counts) and isinstance(control, Counts):
        return measure == "risk_difference" or not tells_nothing(active, control)
    return True


def effect_of(measure: Measure, study: StudyResult) -> Effect:
    """The effect that a study found."""
    effect = _untouched(measure, study)
    return replace(effect, estimate=-effect.estimate) if study.turned else effect


def _untouched(measure: Measure, study: StudyResult) -> Effect:
    """The effect before its sign is turned."""
    if isinstance(study.numbers, Published):
        return Effect(study.numbers.estimate, study.numbers.std_error**2)
    active, control = study.numbers
    if isinstance(active, Means) and isinstance(control, Means):
        return (hedges_g if measure == "hedges_g" else mean_difference)(active, control)
    assert isinstance(active, Counts)
    assert isinstance(control, Counts)
    of_counts = {
        "risk_ratio": log_risk_ratio,
        "odds_ratio": log_odds_ratio,
        "risk_difference": risk_difference,
    }
    return of_counts[measure](active, control)


def _events(study: StudyResult) -> int | None:
    """Events of both arms, where they were counted."""
    if isinstance(study.numbers, Published):
        return None
    active, control = study.numbers
    if isinstance(active, Counts) and isinstance(control, Counts):
        return active.events + control.events
    return None
