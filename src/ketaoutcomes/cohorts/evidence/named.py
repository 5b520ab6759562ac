"""Misses that a review of the cohorts named, as they were when it named them."""

from typing import Literal, Self

from pydantic import model_validator

from ketaoutcomes.cohorts.evidence.records import ResultId
from ketaoutcomes.plan.parts import Label, Name, PlanPart

Measure = Literal[
    "day of the eighth session",
    "related on placebo",
    "nausea on the oral antidepressant",
    "intermittent gaps",
    "severity before leaving",
    "at the highest age",
    "at the least distance",
    "weight of men above women",
]
"""What is counted in a simulated cohort, for want of a published result with a standard error."""


class NamedMiss(PlanPart):
    """Something that a cohort got wrong, and what it gave at that time.

    Attributes
    ----------
    item : str
        What was missed.
    scenario : str
        The scenario that it was named for.
    before : str
        What the scenario gave.
    result : str
        The published result; what the scenario gives now stands in the ledger.
    measure : str
        What is counted in the simulated cohort instead.
    published : str
        What the published evidence says, beside a measure.
    """

    item: Label
    scenario: Name
    before: Label
    result: ResultId | None = None
    measure: Measure | None = None
    published: Label | None = None

    @model_validator(mode="after")
    def _is_seen_one_way(self) -> Self:
        if (self.result is None) == (self.measure is None):
            raise ValueError("a named miss takes one of `result` and `measure`")
        if (self.measure is None) != (self.published is None):
            raise ValueError("`published` goes with a `measure`: a result has its own")
        return self
