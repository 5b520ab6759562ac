"""The design of a synthetic study: who is studied, the arms, and the phases with their visits."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart

Drug = Literal["ketamine", "esketamine", "midazolam", "placebo"]
Route = Literal["intravenous", "intramuscular", "intranasal", "oral", "subcutaneous", "sublingual"]


class Numeric(PlanPart):
    """A covariate in whole numbers within bounds, with the mean and SD of those within them."""

    mean: float
    sd: float = Field(ge=0)
    low: float
    high: float


Covariate = Annotated[Numeric | dict[str, float], Field(union_mode="left_to_right")]
"""A number, or categories with their shares; what has mean, SD and bounds is a number."""


class TrialSpread(PlanPart):
    """How much trials of one design differ from each other, beyond what chance explains.

    SDs between trials: of the logarithm of the drug effect, of the logarithm of the response to
    everything but the drug, and of the log odds of each adverse event. The default values are
    estimates from published trials of depression (`cohorts/calibration/between_trials.py`).
    """

    drug: float = Field(default=0.43, ge=0)
    placebo: float = Field(default=0.32, ge=0)
    adverse_events: float = Field(default=0.25, ge=0)


class Sites(PlanPart):
    """How many sites enrol, and how much they differ from each other.

    SDs between sites: of the points at entry, of the logarithm of the response to everything but
    the drug, of that of the drug effect, and of that of the hazard of stopping. The values are
    assumed. Means over all sites there could be are those of a scenario without sites.
    `countries` are shares of the sites; those of a country share the part `of_country` of the
    variance.
    """

    number: int = Field(default=12, ge=2, le=500)
    countries: dict[str, float] = Field(default_factory=dict)
    of_country: float = Field(default=0.3, ge=0, le=1)
    baseline: float = Field(default=1.5, ge=0)
    placebo: float = Field(default=0.15, ge=0)
    drug: float = Field(default=0.15, ge=0)
    leaving: float = Field(default=0.3, ge=0)


class Escalation(PlanPart):
    """A dose raised step by step for those whose severity has not fallen enough.

    On each of `days`, before the dose of that day, whoever has not fallen by so many per cent goes
    up to the next of `factors`, which multiply the arm's dose; the others keep the dose they have.
    Nobody goes beyond the last factor, and nobody goes down again.
    """

    days: tuple[float, ...] = Field(min_length=1, strict=False)
    factors: tuple[float, ...] = Field(min_length=1, strict=False)
    fall_below_percent: float = 50

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        if list(self.days) != sorted({*self.days}) or self.days[0] <= 0:
            raise ValueError("`days` of an escalation rise, the first after the first dose")
        if list(self.factors) != sorted({1.0, *self.factors})[1:]:
            raise ValueError("`factors` of an escalation rise, the first above 1")
        return self


class Pace(PlanPart):
    """How many times as long as written the sessions of a person take in care.

    1 for who keeps to the schedule, and more by a log-normal amount: its mean is `mean` less 1, its
    SD `sd`. Sessions are held on the two weekdays of the schedule.
    """

    mean: float = Field(gt=1)
    sd: float = Field(gt=0)


class Dosing(PlanPart):
    """An arm: its share of the allocation, what is given, how much, when, and what goes with it.

    `expectancy` and `placebo` multiply what the arm expects and its response to everything but the
    drug; `factors` are columns of the assignment, as the two factors of a factorial trial.
    """

    share: float = Field(default=1, gt=0)
    drug: Drug = "placebo"
    route: Route = "intravenous"
    dose: float = Field(default=0, ge=0)
    unit: Literal["mg", "mg/kg"] = "mg"
    dose_days: tuple[float, ...] = Field(default=(), strict=False)
    every_days: float | None = Field(default=None, gt=0)
    pace: Pace | None = None
    escalation: Escalation | None = None
    oral_antidepressant: bool = False
    oral_mg_a_day: float = Field(default=100, gt=0, description="where there is an oral one")
    psychotherapy: bool = False
    expectancy: float = Field(default=1, ge=0)
    placebo: float = Field(default=1, ge=0)
    factors: dict[Name, str] = Field(default_factory=dict)

    def days_of_doses(self, until: float) -> tuple[float, ...]:
        """Days of the doses: those written, then at the interval until the phase ends."""
        if self.every_days is None:
            return self.dose_days
        start = self.dose_days[-1] + self.every_days if self.dose_days else 0.0
        further = max(0, -int(-(until - start) // self.every_days))
        return (*self.dose_days, *(start + k * self.every_days for k in range(further)))


class Entry(PlanPart):
    """Who enters a later phase: those of an earlier one who responded, or had an event.

    With `keeps_arm` they stay in the arm that they had; otherwise they are allocated anew. The fall
    is asked of the last visits, and of the visit nearest to `first_on_day` where that is given.
    """

    phase: Name
    arm: Name | None = None
    improvement_at_least_percent: float | None = None
    last_visits: int = Field(default=1, ge=1, description="visits that must show the fall")
    first_on_day: float | None = Field(
        default=None, ge=0, description="day by which the fall must have shown for the first time"
    )
    event: Label | None = None
    keeps_arm: bool = False


class Crossing(PlanPart):
    """A later period of a crossover: each subject moves to the next arm in the list."""

    phase: Name
    washout_days: float = Field(default=0, ge=0)


class Stratum(PlanPart):
    """A stratification factor: whether scores before the phase are at or below a cut.

    So many of the last visits must be.
    """

    name: Name
    at_most: float
    visits: int = Field(default=1, ge=1)
    of_last: int = Field(default=1, ge=1)


class ScenarioPhase(PlanPart):
    """A phase of the synthetic study; `visits` are days after the first dose, by name."""

    days: float = Field(gt=0)
    waiting: bool = Field(
        default=False, description="whether subjects only wait for treatment that others may get"
    )
    arms: dict[Name, Dosing] = Field(min_length=1)
    enters: Entry | None = None
    crosses: Crossing | None = None
    stratified_by: Stratum | None = None
    relapses: bool = False
    visits: dict[Label, float] | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.enters is not None and self.crosses is not None:
            raise ValueError("a phase takes at most one of `enters` and `crosses`")
        return self

    @property
    def takes_the_improved(self) -> bool:
        """Whether only those enter whose scores fell."""
        return self.enters is not None and self.enters.improvement_at_least_percent is not None

    @property
    def before(self) -> str | None:
        """The phase that this one follows."""
        link = self.enters or self.crosses
        return None if link is None else link.phase
