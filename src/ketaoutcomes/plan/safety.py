"""The `safety:` block: which adverse events, exposure and vital signs the report shows."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart, meanings

Listing = Literal["serious", "deaths"]
AdverseEventTest = Literal["none", "score", "fisher"]
DEATH_WORDS = ("death", "died", "dead", "deceased", "fatal")
"""What data usually call it, without regard to capitals."""


class VitalSign(PlanPart):
    """A measure followed over hours after a dose, and what counts as an alarm."""

    label: Label = Field(
        description="Name of the measurement in the report.", examples=["Systolic blood pressure"]
    )
    unit: str = Field(default="", description="Unit of the measurement.", examples=["mmHg"])
    alarm_at_least: float | None = Field(
        default=None,
        description="Value at or above which a measurement is an alarm.",
        examples=[180],
    )
    rise_at_least: float | None = Field(
        default=None, gt=0, description="Increase from baseline that is an alarm.", examples=[40]
    )
    within_hours: float = Field(
        default=24,
        gt=0,
        description="Hours after the first dose within which visits are used.",
        examples=[24],
    )
    normal_low: float | None = Field(
        default=None, description="Lower limit of normal in the shift table.", examples=[90]
    )
    normal_high: float | None = Field(
        default=None, description="Upper limit of normal in the shift table.", examples=[139]
    )
    resolved_at_most: float | None = Field(
        default=None,
        description="Value at or below which, once and for good, the effect is resolved.",
        examples=[4],
    )

    @model_validator(mode="after")
    def _range_has_a_middle(self) -> Self:
        _refuse_empty_range(self.normal_low, self.normal_high)
        return self


class LaboratoryTest(PlanPart):
    """A laboratory or ECG test whose values are held against a reference range.

    Limits of the plan stand instead of those of the data; without any, the data say which values
    are low, normal or high.
    """

    label: Label = Field(
        description="Name of the test in the report.", examples=["Alanine aminotransferase"]
    )
    unit: str = Field(default="", description="Unit of the values.", examples=["U/L"])
    normal_low: float | None = Field(
        default=None,
        description="Lower limit of normal, instead of that of the data.",
        examples=[3.5],
    )
    normal_high: float | None = Field(
        default=None,
        description="Upper limit of normal, instead of that of the data.",
        examples=[40],
    )
    above: tuple[float, ...] = Field(
        default=(),
        strict=False,
        description="Limits; participants with a later value above each are counted.",
        examples=[[450, 480, 500]],
    )
    below: tuple[float, ...] = Field(
        default=(),
        strict=False,
        description="Limits; participants with a later value below each are counted.",
        examples=[[3.0]],
    )
    above_times_upper: tuple[float, ...] = Field(
        default=(),
        strict=False,
        description="Multiples of the upper limit of normal; participants above each are counted.",
        examples=[[3, 5]],
    )

    @model_validator(mode="after")
    def _range_has_a_middle(self) -> Self:
        _refuse_empty_range(self.normal_low, self.normal_high)
        return self


def _refuse_empty_range(low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low >= high:
        raise ValueError("`normal_low` must be below `normal_high`")


class Safety(PlanPart):
    """Safety tables of all randomised participants, by randomised arm."""

    phases: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        description="Phases with safety tables. The default is every phase.",
        examples=[["induction"]],
    )
    show_at_least_percent: float = Field(
        default=5,
        ge=0,
        le=100,
        description=(
            "Smallest percentage of an arm at which the report shows a term. The results "
            "hold all terms."
        ),
        examples=[5],
    )
    p_values: AdverseEventTest = Field(
        default="none",
        description="P-values of differences in adverse events.",
        examples=["none"],
        json_schema_extra=meanings(
            {
                "none": "No p-value, only intervals.",
                "score": "From the score test whose interval is shown.",
                "fisher": "From Fisher's exact test, without that interval.",
            }
        ),
    )
    deaths: tuple[Label, ...] = Field(
        default=DEATH_WORDS,
        strict=False,
        description="Events and reasons for the end of follow-up that mean death.",
        examples=[["death", "died"]],
    )
    rare_events: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="Preferred terms with an upper confidence limit, even if none occurred.",
        examples=[["Cystitis ulcerative"]],
    )
    listings: tuple[Listing, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Listings by participant that the report may hold, where `report.smallest_cell` hides "
            "no count."
        ),
        examples=[["serious", "deaths"]],
        json_schema_extra=meanings(
            {
                "serious": "Serious and fatal adverse events.",
                "deaths": "Participants who died, with the day.",
            }
        ),
    )
    vital_signs: dict[Label, VitalSign] = Field(
        default_factory=dict,
        description="Measurements followed over hours after a dose, by scale.",
        examples=[
            {"SBP": {"label": "Systolic blood pressure", "unit": "mmHg", "rise_at_least": 40}}
        ],
    )
    laboratory: dict[Label, LaboratoryTest] = Field(
        default_factory=dict,
        description="Tests of the files `laboratory` and `ecg` that the report shows.",
        examples=[{"ALT": {"label": "Alanine aminotransferase", "above_times_upper": [3]}}],
    )
