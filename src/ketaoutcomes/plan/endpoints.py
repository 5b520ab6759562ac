"""Endpoints: what is measured in a subject."""

from typing import Annotated, Final, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Discriminator, Field, Tag, model_validator

from ketaoutcomes.numerics.percentages import improved_by
from ketaoutcomes.plan.cuts import Cut
from ketaoutcomes.plan.parts import EndpointPart, Label, Name, PlanPart, meanings, spoken
from ketaoutcomes.plan.value import ValueEndpoint
from ketaoutcomes.scales import Scale

NO_KIND: Final = {
    **dict.fromkeys(
        ("continuous", "score", "total score", "value", "value at visit", "mean change", "ordinal"),
        "write `change`, the change from baseline at each visit",
    ),
    **dict.fromkeys(
        ("percent change", "percentage change", "relative change"),
        "write `change`, which is in points, or `response` for a percentage that counts",
    ),
    **dict.fromkeys(
        ("AUC", "area under the curve"),
        "write `change`, and average over the visits by the `contrasts` of `model: mmrm`",
    ),
    **dict.fromkeys(
        ("sustained response", "durable response"),
        "write `time_to_response` with `consecutive`, or `duration_of_response`",
    ),
    **dict.fromkeys(
        ("count", "number of events", "event rate", "incidence rate"), "write `recurrent_events`"
    ),
    **dict.fromkeys(
        ("adverse event", "safety", "AE"),
        "write `incidence`; the tables of all adverse events come from the block `safety`",
    ),
    **dict.fromkeys(("QALY", "utility", "cost", "costs"), "write `costs_and_effects`"),
}
"""Names of what no kind of endpoint is called -> what to write."""


class EndpointOfScale(EndpointPart):
    """What every endpoint of one scale says."""

    phase: Name = Field(
        description="Phase in which the endpoint is measured.", examples=["induction"]
    )
    scale: str = Field(description="Scale that the endpoint is measured on.", examples=["MADRS"])


class ChangeEndpoint(EndpointOfScale):
    """Change of a score from the phase's baseline, at each visit."""

    kind: Annotated[
        Literal["change"],
        spoken({"change": ("change from baseline", "CFB", "CHG", "change score")}, NO_KIND),
    ]


class PercentageOfBaseline(EndpointOfScale):
    """An improvement of at least a percentage of the baseline score.

    `percent_of: above_lowest` measures the baseline from the lowest score of the scale. Without
    `percent_of` the baseline itself is taken.
    """

    improvement_at_least_percent: float = Field(
        default=50,
        ge=1,
        le=100,
        description=(
            "Smallest improvement from baseline that counts as response, in %. On "
            "a scale where higher is better it is an increase."
        ),
        examples=[50],
    )
    percent_of: Literal["baseline", "above_lowest"] | None = Field(
        default=None,
        description="What the percentage refers to.",
        examples=["above_lowest"],
        json_schema_extra=meanings(
            {
                "baseline": "The baseline score.",
                "above_lowest": "The baseline score minus the lowest score of the scale.",
            }
        ),
    )

    def lowest(self, scale: Scale) -> float:
        """From where the baseline is measured."""
        return scale.low if self.percent_of == "above_lowest" else 0.0

    def improved(
        self, score: ArrayLike, baseline: ArrayLike, scale: Scale, percent: float
    ) -> NDArray[np.bool_]:
        """Whether scores improved by so many per cent; never of a baseline of nothing."""
        return improved_by(
            score,
            baseline,
            percent,
            higher_is_better=scale.better == "higher",
            lowest=self.lowest(scale),
        )

    def improvement_words(self, scale: Scale, percent: float) -> str:
        """A fall or a rise of so many per cent, and of what."""
        words = f"{'a reduction' if scale.better == 'lower' else 'an increase'} in {self.scale} of"
        of = ""
        if self.percent_of == "above_lowest":
            of = f" of the baseline score above {scale.low:g}, the lowest possible"
        return f"{words} at least {percent:g}%{of}"


class ResponseEndpoint(PercentageOfBaseline):
    """Improvement from baseline by at least a percentage, at each visit."""

    kind: Annotated[Literal["response"], spoken({"response": ("responder", "responders")})]

    def met(self, score: ArrayLike, baseline: ArrayLike, scale: Scale) -> NDArray[np.bool_]:
        """Whether scores respond; of a scale where higher is better, a rise counts for a fall."""
        return self.improved(score, baseline, scale, self.improvement_at_least_percent)


class EndpointOfCut(EndpointOfScale, Cut):
    """A score on one side of a cut, at each visit."""

    def met(self, score: ArrayLike, _baseline: ArrayLike, _scale: Scale) -> NDArray[np.bool_]:
        """Whether scores are on the side that counts."""
        return self.reached(score)


class RemissionEndpoint(EndpointOfCut):
    """A score at or below a cut, at each visit; at or above it where higher is better."""

    kind: Annotated[Literal["remission"], spoken({"remission": ("remitter", "remitters")})]


EventIs = Annotated[
    Literal["unwanted", "wanted"],
    Field(
        description="Whether the event is a benefit, which the direction of a margin depends on.",
        examples=["unwanted"],
        json_schema_extra=meanings(
            {
                "unwanted": "The event is unfavourable, such as relapse.",
                "wanted": "The event is favourable, such as response.",
            }
        ),
    ),
]


class YesOrNoEndpoint(EndpointOfCut):
    """A yes on one side of a cut, at each visit, favourable or unfavourable.

    `event_label` is what a yes is called. Non-responder imputation takes a missing outcome as a
    yes where `event_is` is `unwanted`, and as a no where it is `wanted`.
    """

    kind: Annotated[
        Literal["yes_or_no"], spoken({"yes_or_no": ("binary", "dichotomous", "yes/no")})
    ]
    event_label: Label = Field(
        default="event", description="What a yes is called in the report.", examples=["bleeding"]
    )
    event_is: EventIs = Field(
        default="unwanted",
        description="Whether a yes is a benefit, which the direction of a margin depends on.",
        examples=["unwanted"],
        json_schema_extra=meanings(
            {
                "unwanted": "A yes is unfavourable, such as an adverse outcome.",
                "wanted": "A yes is favourable, such as recovery.",
            }
        ),
    )


class OnsetPart(PercentageOfBaseline):
    """A first response that holds: the fall from baseline at so many assessments in a row."""

    consecutive: int = Field(
        default=1,
        ge=1,
        le=50,
        description="Number of consecutive assessments at which the improvement must hold.",
        examples=[2],
    )


class ResponseTimeEndpoint(OnsetPart):
    """Time from the phase's start to the first response that holds, dated at its first assessment.

    A participant without one is censored at the last assessment.
    """

    kind: Annotated[
        Literal["time_to_response"], spoken({"time_to_response": ("time to first response",)})
    ]


class ResponseDurationEndpoint(OnsetPart):
    """Time from the first response that holds to its loss, in those who had one.

    Lost when the fall is below `lost_below_percent` at `lost_consecutive` consecutive assessments,
    dated at the first of these; censored at the last assessment.
    """

    kind: Annotated[
        Literal["duration_of_response"], spoken({"duration_of_response": ("response duration",)})
    ]
    lost_below_percent: float = Field(
        default=50,
        ge=1,
        le=100,
        description="Improvement below which the response is lost, in %.",
        examples=[25],
    )
    lost_consecutive: int = Field(
        default=1,
        ge=1,
        le=50,
        description="Number of consecutive assessments below it that make the loss.",
        examples=[2],
    )

    @model_validator(mode="after")
    def _can_be_lost(self) -> Self:
        if self.lost_below_percent > self.improvement_at_least_percent:
            raise ValueError(
                "`lost_below_percent` must not exceed `improvement_at_least_percent`: a "
                "response would be lost as it begins"
            )
        return self


class ScoreCriterion(Cut):
    """A score at or above a cut on consecutive assessments, so many days apart.

    At or below it where higher is better.
    """

    scale: str = Field(description="Scale of the criterion.", examples=["MADRS"])
    consecutive: int = Field(
        default=1,
        ge=1,
        le=10,
        description="Number of consecutive assessments that must meet the criterion.",
        examples=[2],
    )
    within_days: tuple[int, int] | None = Field(
        strict=False,
        default=None,
        description="Minimum and maximum number of days between consecutive assessments.",
        examples=[[5, 15]],
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.within_days is not None and not 0 <= self.within_days[0] <= self.within_days[1]:
            raise ValueError("`within_days` is [least, most]")
        return self


class EventCriterion(PlanPart):
    """An event of this name in the events file."""

    event: Label = Field(
        description="Event that counts, by its name in the data.",
        examples=["hospitalisation for worsening depression"],
    )


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


class EndpointOfCriteria(EndpointPart):
    """What every endpoint of several criteria says."""

    phase: Name = Field(
        description="Phase in which the endpoint is measured.", examples=["maintenance"]
    )
    any_of: tuple[Criterion, ...] = Field(
        min_length=1,
        strict=False,
        description="Criteria of the event; the first one met counts.",
        examples=[
            [{"scale": "MADRS", "at_least": 22, "consecutive": 2}, {"event": "suicide attempt"}]
        ],
    )
    event_is: EventIs = "unwanted"


class RelapseEndpoint(EndpointOfCriteria):
    """Time from the phase's start to the first of the criteria; censored at the last assessment.

    `dated_at` says which of the consecutive assessments dates a relapse by score.
    """

    kind: Annotated[Literal["time_to_relapse"], spoken({"time_to_relapse": ("relapse",)})]
    event_label: Label = Field(
        default="relapse", description="Name of the event in the report.", examples=["relapse"]
    )
    dated_at: Literal["first", "confirmation"] = Field(
        default="confirmation",
        description="Which of the consecutive assessments dates a relapse by score.",
        examples=["confirmation"],
        json_schema_extra=meanings(
            {
                "first": "The first assessment that meets the criterion.",
                "confirmation": "The assessment that confirms it.",
            }
        ),
    )


class IncidenceEndpoint(EndpointOfCriteria):
    """Whether any of the criteria was met at any time of the phase.

    A participant with no assessment after baseline and no such event has no outcome.
    """

    kind: Annotated[Literal["incidence"], spoken({"incidence": ("incidence proportion",)})]
    event_label: Label = Field(
        default="event",
        description="Name of the event in the report.",
        examples=["affective switch"],
    )


class TimeToEventEndpoint(EndpointPart):
    """A time to event that the data already hold (the `times` file)."""

    kind: Annotated[
        Literal["time_to_event"], spoken({"time_to_event": ("tte", "event", "pfs", "survival")})
    ]
    phase: Name = Field(description="Phase in which the time is measured.", examples=["follow_up"])
    event_label: Label = Field(
        default="event", description="Name of the event in the report.", examples=["relapse"]
    )
    event_is: EventIs = "unwanted"
    recorded_every_days: float | None = Field(
        default=None,
        gt=0,
        description=(
            "Days between assessments of the event; it lies at most so many days before its time."
        ),
        examples=[7],
    )


class RecurrentEventsEndpoint(EndpointPart):
    """Every event of these names, from the phase's start to the end of follow-up."""

    kind: Annotated[Literal["recurrent_events"], spoken({"recurrent_events": ("recurrent event",)})]
    phase: Name = Field(
        description="Phase in which the events are counted.", examples=["follow_up"]
    )
    events: tuple[Label, ...] = Field(
        min_length=1,
        strict=False,
        description="Events that count, by their names in the data.",
        examples=[["hospitalisation"]],
    )
    event_label: Label = Field(
        default="event",
        description="Name of the event in the report.",
        examples=["hospitalisation"],
    )
    event_is: EventIs = "unwanted"


Endpoint = Annotated[
    ChangeEndpoint
    | ResponseEndpoint
    | RemissionEndpoint
    | YesOrNoEndpoint
    | ResponseTimeEndpoint
    | ResponseDurationEndpoint
    | RelapseEndpoint
    | IncidenceEndpoint
    | TimeToEventEndpoint
    | RecurrentEventsEndpoint
    | ValueEndpoint,
    Field(discriminator="kind"),
]


def scales_of(endpoint: Endpoint) -> tuple[str, ...]:
    """The scales that an endpoint rests on, in order of first mention."""
    if isinstance(endpoint, EndpointOfCriteria):
        criteria = (c for c in endpoint.any_of if isinstance(c, ScoreCriterion))
        return tuple(dict.fromkeys(criterion.scale for criterion in criteria))
    if isinstance(endpoint, EndpointOfScale | ValueEndpoint):
        return (endpoint.scale,)
    return ()
