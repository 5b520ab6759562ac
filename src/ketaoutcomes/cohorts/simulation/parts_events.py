"""What happens to the subjects of a scenario: stopping, relapse, rescue, adverse events, costs."""

from typing import Literal

from pydantic import Field

from ketaoutcomes.plan.parts import Name, PlanPart


class Discontinuation(PlanPart):
    """Hazard of stopping treatment, by day, and the share that then leaves the study.

    The extra hazard of the first week on the drug is that of adverse events. The others are means
    over each phase: they go with time as those of a Weibull distribution of this `shape` that
    begins on `from_day`, before which nobody stops.
    """

    per_day: float = Field(ge=0)
    per_day_and_point: float = Field(default=0, ge=0)
    per_day_on_drug_first_week: float = Field(default=0, ge=0)
    leaves_study: float = Field(default=1, ge=0, le=1)
    shape: float = Field(
        default=1,
        gt=0,
        le=3,
        description="1 has a hazard that stays; the lower, the more of those who stop do so early",
    )
    from_day: float = Field(
        default=0, ge=0, description="day of the study from which people stop, as after treatment"
    )


class EpisodeLevel(PlanPart):
    """How a new episode lifts severity."""

    mean: float
    sd: float = Field(ge=0)
    days: float = Field(gt=0)


class Relapse(PlanPart):
    """Hazard of a new episode.

    Who enters a phase without remission (outside the stratum of the phase) has
    `hazard_ratio_without_remission` times the hazard, and there the drug has its own ratio,
    `hazard_ratio_on_drug_without_remission`; None where it is that of everybody.
    The drug takes `hazard_ratio_on_drug` off it until treatment stops. With
    `protection_half_life_days` what it takes off the log hazard fades after each dose, also after
    those of the phases before: doses that are farther apart then protect less.
    """

    per_day: float = Field(ge=0)
    per_day_and_point: float = Field(default=0, ge=0)
    hazard_ratio_on_drug: float = Field(default=1, gt=0)
    hazard_ratio_without_remission: float = Field(default=1, ge=0)
    hazard_ratio_on_drug_without_remission: float | None = Field(default=None, gt=0)
    protection_half_life_days: float | None = Field(default=None, gt=0)
    level: EpisodeLevel


class StudyEvent(PlanPart):
    """An event with a hazard by day that may ask for severity, and differ by arm and covariate.

    With `relief`, severity falls by so many points over `relief_days` after it, as after a rescue
    medication. `hazard_ratios` holds, by covariate, the ratio of each level, or under "per_unit"
    that of one unit more than `centre`. Below its number in `same_below` a covariate acts as at it.
    """

    per_day: float = Field(ge=0)
    above: float | None = None
    phases: tuple[Name, ...] = Field(default=(), strict=False)
    arms: dict[Name, float] = Field(default_factory=dict)
    hazard_ratios: dict[Name, dict[str, float]] = Field(default_factory=dict)
    centres: dict[Name, float] = Field(default_factory=dict)
    same_below: dict[Name, float] = Field(default_factory=dict)
    relief: float = 0
    relief_days: float = Field(default=5, gt=0)


class AdverseEvent(PlanPart):
    """How often an adverse event is met in each arm of a phase, per cent of subjects.

    `session` events begin within hours of a dose, mostly an early one; `early` ones at any time,
    mostly in the first weeks; others at any time. Where an arm has no sessions but an oral
    antidepressant, `session` events are `early` ones. What exceeds the spontaneous share is caused
    by the drug: it is mostly held to be related, and comes back at later sessions. The spontaneous
    share is that of the arms without a drug that acts on mood, unless it is given.
    """

    soc: str
    percent: dict[Name, float]
    timing: Literal["session", "early", "any"] = "session"
    spontaneous_percent: float | None = Field(default=None, ge=0, le=100)
    moderate_percent: float = 30
    severe_percent: float = 4
    serious_percent: float = 0.5
    related_percent: float = Field(
        default=95, ge=0, le=100, description="of those that the drug caused, held to be related"
    )
    related_if_spontaneous_percent: float = Field(
        default=30, ge=0, le=100, description="of the others, held to be related"
    )
    recurs_percent: float = Field(
        default=50,
        ge=0,
        le=100,
        description="chance of each later session to bring an event of a session again",
    )


class Costs(PlanPart):
    """What is paid: for a dose in each arm, for a visit, for an event, and for a mile travelled."""

    currency: str = "USD"
    per_dose: dict[Name, float] = Field(default_factory=dict)
    per_event: dict[str, float] = Field(default_factory=dict)
    per_mile: float = 0
    distance: Name | None = None
