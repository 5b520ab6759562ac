"""The study: its question, phases, arms, visits and scales."""

from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from ketaoutcomes.plan.combinations import Combination, ExactlyOne
from ketaoutcomes.plan.conduct import Conduct, Words
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.parts import Label, Name, PlanPart, meanings

HOURS_PER_DAY = 24.0
LAST_DAY = 100_000
"""No study lasts longer; a later day is a slip."""


Names = Annotated[tuple[Name, ...], Field(strict=False)]


def _claims_kind(claims: object) -> str:
    """Whether claims come with their analyses, so that a fault is told once."""
    return "by analysis" if isinstance(claims, dict) else "names"


Claims = Annotated[
    Annotated[dict[Name, Names], Tag("by analysis")] | Annotated[Names, Tag("names")],
    Discriminator(_claims_kind),
]


class Study(Conduct):
    """What is asked, of whom, and how the study was done.

    `claims` names claims about the treatment, each with the analyses that are relevant to it, or
    with `[]` where the plan has none. In a plain list of claims these are the primary analyses.
    """

    id: Name = Field(
        description="Short name of the study, which also names the folder of the report.",
        examples=["trd"],
    )
    title: Label = Field(
        description="Title of the report.",
        examples=["Esketamine nasal spray in treatment-resistant depression"],
    )
    question: str = Field(
        description="Question that the primary analysis answers.",
        examples=["Does esketamine lower the MADRS total more than placebo at day 28?"],
    )
    condition: Label = Field(
        description="Condition of the participants.", examples=["treatment-resistant depression"]
    )
    claims: Claims = Field(
        default=(),
        description=(
            "Claims about the treatment, each with the analyses that are relevant to it; `[]` if "
            "there are none."
        ),
        examples=[{"rapid_onset": ["day_2"]}],
    )

    @property
    def claimed(self) -> dict[str, tuple[str, ...]]:
        """The claims, each with its analyses; without any where the primary ones are meant."""
        if isinstance(self.claims, dict):
            return dict(self.claims)
        return dict.fromkeys(self.claims, ())


class Visit(PlanPart):
    """A scheduled assessment: `day` 1 is the day of the first dose, `hours` count from it."""

    combinations: ClassVar[tuple[Combination, ...]] = (
        ExactlyOne(("day", "hours"), "a visit takes exactly one of `day` and `hours`"),
    )

    day: int | None = Field(
        default=None,
        ge=1,
        le=LAST_DAY,
        description="Study day of the visit; day 1 is the day of the first dose.",
        examples=[28],
    )
    hours: float | None = Field(
        default=None,
        ge=0,
        le=LAST_DAY * HOURS_PER_DAY,
        description="Hours from the first dose to the visit.",
        examples=[24],
    )

    @property
    def hours_after_first_dose(self) -> float:
        """Nominal time of the visit, in hours after the first dose of the phase."""
        if self.hours is not None:
            return self.hours
        assert self.day is not None
        return (self.day - 1) * HOURS_PER_DAY


class RegularVisits(PlanPart):
    """Visits at a fixed interval: day 1 and then every `every_days` days until `until_day`."""

    every_days: int = Field(ge=1, description="Days between two visits.", examples=[7])
    until_day: int = Field(
        ge=2, le=20_000, description="Last study day with a visit.", examples=[169]
    )

    def schedule(self) -> dict[str, Visit]:
        """The visits by name; the first is the phase's baseline."""
        days = range(1, self.until_day + 1, self.every_days)
        return {f"Day {day}" if day > 1 else "Baseline": Visit(day=day) for day in days}


def _visits_kind(visits: object) -> str:
    """Whether visits are regular or named, so that a fault is told once."""
    regular = isinstance(visits, RegularVisits) or (
        isinstance(visits, dict) and "every_days" in visits
    )
    return "regular" if regular else "named"


Visits = Annotated[
    Annotated[RegularVisits, Tag("regular")] | Annotated[dict[Label, Visit], Tag("named")],
    Discriminator(_visits_kind),
]


class Phase(PlanPart):
    """A part of the study with its own allocation; the first visit is its baseline.

    With `arms_by` the groups compared are the levels of a covariate, such as payers in a registry.
    They were not randomised, so their differences are associations. A phase of one arm has no
    `reference`.
    """

    label: Label = Field(
        description="Name of the phase in the report.",
        examples=["Double-blind induction, four weeks"],
    )
    arms: dict[Name, Label] = Field(
        min_length=1,
        description="Arms of the phase, each with its name in the report.",
        examples=[{"placebo": "Placebo", "esketamine": "Esketamine"}],
    )
    arms_by: CovariateName | None = Field(
        default=None,
        description="Covariate whose levels are compared instead of randomised arms.",
        examples=["payer"],
    )
    reference: Name = Field(
        default="",
        description="Arm that the others are compared with; left out with one arm.",
        examples=["placebo"],
    )
    visits: Visits | None = Field(
        default=None,
        description="Scheduled visits in order of time; the first is the baseline.",
        examples=[{"Baseline": {"day": 1}, "Day 28": {"day": 28}}],
    )
    keeps_arms: bool = Field(
        default=False,
        description=(
            "Whether participants keep the arm of an earlier phase, and are not randomised again."
        ),
        examples=[True],
    )
    entry: Words | None = Field(
        default=None,
        description="Who of an earlier phase enters this one.",
        examples=["Responders of the induction phase"],
    )

    @model_validator(mode="after")
    def _visits_in_order(self) -> Self:
        times = list(self.nominal_days.items())
        for (before, day), (visit, next_day) in pairwise(times):
            if next_day < day:  # a day may hold several visits
                raise ValueError(
                    f"visits in the order of time; `{visit}` is earlier than `{before}`"
                )
        return self

    @property
    def only_arm(self) -> str | None:
        """The arm that everybody is in, where the phase has no other."""
        return next(iter(self.arms)) if len(self.arms) == 1 else None

    def schedule(self) -> dict[str, Visit]:
        """Scheduled visits by name, in order; empty where the phase has none."""
        if isinstance(self.visits, RegularVisits):
            return self.visits.schedule()
        return dict(self.visits or {})

    @property
    def nominal_days(self) -> dict[str, float]:
        """Scheduled time of each visit, in days after the first dose of the phase."""
        return {
            name: visit.hours_after_first_dose / HOURS_PER_DAY
            for name, visit in self.schedule().items()
        }

    @property
    def baseline_visit(self) -> str | None:
        """The phase's first visit."""
        return next(iter(self.schedule()), None)

    @property
    def treatment_visits(self) -> tuple[str, ...]:
        """The scheduled visits after baseline, in order."""
        return tuple(self.schedule())[1:]


class ScaleDefinition(PlanPart):
    """A rating scale that the package does not know."""

    label: Label = Field(description="Name of the scale in the report.", examples=["Serum BDNF"])
    low: float = Field(description="Minimum score of the scale.", examples=[0])
    high: float = Field(description="Maximum score of the scale.", examples=[60])
    better: Literal["lower", "higher"] = Field(
        description="Direction of improvement.",
        examples=["lower"],
        json_schema_extra=meanings(
            {"lower": "Lower scores are better.", "higher": "Higher scores are better."}
        ),
    )
    source: str = Field(
        description="Publication or document that defines the scale.",
        examples=["Montgomery & Asberg 1979"],
    )
    unit: Label = Field(default="points", description="Unit of the scores.", examples=["ng/mL"])
    decimals: int | None = Field(
        default=None,
        ge=0,
        le=6,
        description=(
            "Decimals of means and differences. The default is one, or more where they are small."
        ),
        examples=[2],
    )

    @model_validator(mode="after")
    def _has_range(self) -> Self:
        if self.low >= self.high:
            raise ValueError("`low` must be below `high`")
        return self
