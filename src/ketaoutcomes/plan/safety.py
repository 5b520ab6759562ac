"""The `safety:` block: which adverse events, exposure and vital signs the report shows."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart

Listing = Literal["serious", "deaths"]
AdverseEventTest = Literal["none", "score", "fisher"]
DEATH_WORDS = ("death", "died", "dead", "deceased", "fatal")
"""What data usually call it, without regard to capitals."""


class VitalSign(PlanPart):
    """A measure followed over hours after a dose, and what counts as an alarm."""

    label: Label
    unit: str = ""
    alarm_at_least: float | None = Field(
        default=None, description="a value at or above this is an alarm"
    )
    rise_at_least: float | None = Field(
        default=None, gt=0, description="a rise from baseline of at least this is an alarm"
    )
    within_hours: float = Field(
        default=24, gt=0, description="visits up to so many hours after the first dose are used"
    )
    normal_low: float | None = Field(
        default=None, description="values below it are low in the shift table, such as 90"
    )
    normal_high: float | None = Field(
        default=None, description="values above it are high in the shift table, such as 139"
    )
    resolved_at_most: float | None = Field(
        default=None, description="a value at or below this, once and for good, is resolution"
    )

    @model_validator(mode="after")
    def _range_has_a_middle(self) -> Self:
        low, high = self.normal_low, self.normal_high
        if low is not None and high is not None and low >= high:
            raise ValueError("`normal_low` must be below `normal_high`")
        return self


class Safety(PlanPart):
    """Tables of safety; everybody assigned in a phase counts in the arm assigned."""

    phases: tuple[Name, ...] = Field(
        default=(), strict=False, description="default: every phase of the plan"
    )
    show_at_least_percent: float = Field(
        default=5,
        ge=0,
        le=100,
        description="the report shows terms seen in at least so many per cent of an arm; the "
        "results hold all",
    )
    p_values: AdverseEventTest = Field(
        default="none",
        description="p-values of differences in adverse events: none, of the score test whose "
        "interval is shown, or of Fisher's exact test, which then stands without that interval",
    )
    deaths: tuple[Label, ...] = Field(
        default=DEATH_WORDS,
        strict=False,
        description="events and reasons for the end of follow-up that mean death",
    )
    rare_events: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="preferred terms with an upper bound of their incidence even if never seen",
    )
    listings: tuple[Listing, ...] = Field(
        default=(),
        strict=False,
        description="permits rows of single participants: serious adverse events, deaths; only "
        "where `report.smallest_cell` hides no count",
    )
    vital_signs: dict[Label, VitalSign] = Field(
        default_factory=dict, description="scale of the visits -> how it is watched"
    )
