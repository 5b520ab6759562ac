"""Endpoints: what is measured in a subject."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart


class ChangeEndpoint(PlanPart):
    """Change of a score from the phase's baseline, at each visit."""

    kind: Literal["change"]
    phase: Name
    scale: str


class ResponseEndpoint(PlanPart):
    """A fall from baseline of at least so many per cent, at each visit."""

    kind: Literal["response"]
    phase: Name
    scale: str
    fall_at_least_percent: float = Field(default=50, gt=0, le=100)


class RemissionEndpoint(PlanPart):
    """A score at or below a cut, at each visit."""

    kind: Literal["remission"]
    phase: Name
    scale: str
    at_most: float


class ScoreCriterion(PlanPart):
    """A score at or above a cut on consecutive assessments, so many days apart."""

    scale: str
    at_least: float
    consecutive: int = Field(default=1, ge=1, le=10)
    within_days: tuple[int, int] | None = Field(
        strict=False,
        default=None,
        description="least and most days between consecutive assessments",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.within_days is not None and not 0 <= self.within_days[0] <= self.within_days[1]:
            raise ValueError("`within_days` is [least, most]")
        return self


class EventCriterion(PlanPart):
    """An event of this name in the events file."""

    event: Label


def _criterion_kind(criterion: object) -> str:
    """Which criterion is written, so that a fault in it is told once and not for each kind."""
    holds_event = (
        "event" in criterion if isinstance(criterion, dict) else hasattr(criterion, "event")
    )
    return "event" if holds_event else "score"


Criterion = Annotated[
    Annotated[ScoreCriterion, Tag("score")] | Annotated[EventCriterion, Tag("event")],
    Discriminator(_criterion_kind),
]


class RelapseEndpoint(PlanPart):
    """Time from the phase's start to the first of the criteria; censored at the last assessment.

    `dated_at` says which of the consecutive assessments dates a relapse by score.
    """

    kind: Literal["time_to_relapse"]
    phase: Name
    any_of: tuple[Criterion, ...] = Field(min_length=1, strict=False)
    dated_at: Literal["first", "confirmation"] = "confirmation"


class TimeToEventEndpoint(PlanPart):
    """A time to event that the data already hold (the `times` file)."""

    kind: Literal["time_to_event"]
    phase: Name
    event_label: Label = "event"


Endpoint = Annotated[
    ChangeEndpoint | ResponseEndpoint | RemissionEndpoint | RelapseEndpoint | TimeToEventEndpoint,
    Field(discriminator="kind"),
]
