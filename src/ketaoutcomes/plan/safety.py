"""The `safety:` block: which adverse events, exposure and vital signs the report shows."""

from pydantic import Field

from ketaoutcomes.plan.parts import Label, Name, PlanPart


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
    resolved_at_most: float | None = Field(
        default=None, description="a value at or below this, once and for good, is resolution"
    )


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
    rare_events: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="preferred terms with an upper bound of their incidence even if never seen",
    )
    vital_signs: dict[Label, VitalSign] = Field(
        default_factory=dict, description="scale of the visits -> how it is watched"
    )
