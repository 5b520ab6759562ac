"""What the columns and the labels of a dataset mean, in the plan's words."""

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from ketaoutcomes.plan.combinations import Combination, Never, Written
from ketaoutcomes.plan.covariates import MEANT_BY_THE_PLAN, CovariateName, names_too_alike
from ketaoutcomes.plan.parts import Label, PlanPart


def _as_several(names: object) -> object:
    return (names,) if isinstance(names, str) else names


ColumnNames = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_several, json_schema_input_type=str | list[str]),
    Field(strict=False, min_length=1),
]
"""A column; where files name it differently, several names, of which each file holds one."""


def _as_texts(values: object) -> object:
    """One value or several, numbers as a file writes them."""
    several = values if isinstance(values, list | tuple) else (values,)
    return tuple(str(v) if type(v) in (int, float) else v for v in several)


KeptValues = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_texts, json_schema_input_type=str | float | list[str | float]),
    Field(strict=False, min_length=1),
]
"""Values of the rows to use."""


def _yes_or_no(meaning: object) -> object:
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    return words.get(str(meaning).casefold(), meaning)


YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no, json_schema_input_type=bool | str)]
"""yes or no, true or false, 1 or 0."""


def _as_text(value: object) -> object:
    return str(value) if type(value) in (int, float) else value


DataLabel = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str)]
"""A label as the data have it, a number as a file writes it."""


def _layout(scores: object) -> str:
    return "long" if isinstance(scores, str) else "wide"


ScoreColumns = Annotated[
    Annotated[str, Tag("long")] | Annotated[dict[Label, str], Tag("wide")], Discriminator(_layout)
]
"""Where a scale's scores stand: in one column, or in a column for each visit."""


class Columns(PlanPart):
    """The columns of the files, by what they hold.

    A column that a file does not need is left out. `covariates` maps the plan's covariate names to
    columns.
    """

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {"scores": Written.YES, "value": Written.YES},
            "`scores` stands instead of `value` and `scale`; remove these",
        ),
        Never(
            {"scores": Written.YES, "scale": Written.YES},
            "`scores` stands instead of `value` and `scale`; remove these",
        ),
        Never(
            {"baselines": Written.YES, "baseline": Written.YES},
            "`baselines` stands instead of `baseline`; remove one of them",
        ),
        Never(
            {"baselines": Written.YES, "scores": Written.NO},
            "`baselines` needs `scores`, the columns of the scores; name them, or write `baseline`",
        ),
        Never(
            {"days": Written.YES, "scores": Written.NO},
            "`days` goes with `scores` that name a column for each visit",
        ),
    )

    subject: ColumnNames | None = Field(
        default=None,
        description=(
            "Column that identifies the participant of a row. Several columns together, "
            "as `[centre, id]`, identify one where every file holds them."
        ),
        examples=["USUBJID"],
    )
    arm: ColumnNames | None = Field(
        default=None, description="Column of the arm of each participant.", examples=["TRT01P"]
    )
    phase: ColumnNames | None = Field(
        default=None,
        description="Column of the phase that a row belongs to, where the study has several.",
        examples=["APERIODC"],
    )
    visit: ColumnNames | None = Field(
        default=None, description="Column of the label of the visit.", examples=["AVISIT"]
    )
    day: ColumnNames | None = Field(
        default=None,
        description="Column of the study day; by default day 1 is the day of the first dose.",
        examples=["ADY"],
    )
    value: ColumnNames | None = Field(
        default=None, description="Column of the score.", examples=["AVAL"]
    )
    baseline: ColumnNames | None = Field(
        default=None,
        description="Column of the baseline score, repeated on every row.",
        examples=["BASE"],
    )
    derived: ColumnNames | None = Field(
        default=None,
        description=(
            "Column of how a score was derived, such as LOCF. It is empty for an observed"
            " score (ADaM DTYPE)."
        ),
        examples=["DTYPE"],
    )
    scale: ColumnNames | None = Field(
        default=None, description="Column of the scale that a row holds.", examples=["PARAMCD"]
    )
    scores: dict[Label, ScoreColumns] = Field(
        default_factory=dict,
        description=(
            "Column of the scores of each scale, or a column for each visit. It replaces "
            "`value` and `scale`."
        ),
        examples=[{"MADRS": "madrs_total"}],
    )
    baselines: dict[Label, str] = Field(
        default_factory=dict,
        description=(
            "Column of the baseline score of each scale. It replaces `baseline` and needs `scores`."
        ),
        examples=[{"MADRS": "madrs_baseline"}],
    )
    days: dict[Label, str] = Field(
        default_factory=dict,
        description=(
            "Column of the study day of each visit. It replaces `day` where each visit "
            "has its own columns."
        ),
        examples=[{"Day 28": "day_of_visit_4"}],
    )
    event: ColumnNames | None = Field(
        default=None,
        description="Column of the name of the event, in the events file.",
        examples=["event"],
    )
    time: ColumnNames | None = Field(
        default=None, description="Column of the time to event or censoring.", examples=["AVAL"]
    )
    time_unit: ColumnNames | None = Field(
        default=None,
        description="Column of the unit of each time (ADaM AVALU).",
        examples=["AVALU"],
    )
    parameter: ColumnNames | None = Field(
        default=None,
        description="Column that says what a time is, with its unit in brackets (ADaM PARAM).",
        examples=["PARAM"],
    )
    entry: ColumnNames | None = Field(
        default=None,
        description=(
            "Column of the time at which observation began: delayed entry, or the start "
            "of an interval."
        ),
        examples=["start"],
    )
    after: ColumnNames | None = Field(
        default=None,
        description=(
            "Column of the last time at which the event had not yet occurred; with `by` it "
            "replaces `time` and `occurred`."
        ),
        examples=["lower"],
    )
    by: ColumnNames | None = Field(
        default=None,
        description=(
            "Column of the first time at which the event was known to have occurred; empty where "
            "it was not seen."
        ),
        examples=["upper"],
    )
    occurred: ColumnNames | None = Field(
        default=None,
        description="Column that says whether the event occurred: 1, true or yes where it did.",
        examples=["status"],
    )
    censored: ColumnNames | None = Field(
        default=None,
        description=(
            "Column that says whether the time is censored: 1, true or yes where it is (ADaM CNSR)."
        ),
        examples=["CNSR"],
    )
    reason: ColumnNames | None = Field(
        default=None,
        description="Column of the reason for the end of follow-up.",
        examples=["EVNTDESC"],
    )
    treatment_day: ColumnNames | None = Field(
        default=None,
        description="Column of the last study day on treatment, in the file `subjects`.",
        examples=["TRTEDY"],
    )
    treatment_reason: ColumnNames | None = Field(
        default=None,
        description="Column that holds `completed`, or why treatment was discontinued.",
        examples=["DCTREAS"],
    )
    soc: ColumnNames | None = Field(
        default=None,
        description="Column of the system organ class of an adverse event.",
        examples=["AEBODSYS"],
    )
    term: ColumnNames | None = Field(
        default=None,
        description="Column of the preferred term of an adverse event.",
        examples=["AEDECOD"],
    )
    severity: ColumnNames | None = Field(
        default=None,
        description="Column of the severity of an adverse event: mild, moderate or severe.",
        examples=["AESEV"],
    )
    serious: ColumnNames | None = Field(
        default=None,
        description="Column that says whether an adverse event was serious.",
        examples=["AESER"],
    )
    fatal: ColumnNames | None = Field(
        default=None,
        description="Column that says whether an adverse event was fatal (ADaM AESDTH or AEOUT).",
        examples=["AESDTH"],
    )
    died: ColumnNames | None = Field(
        default=None,
        description=(
            "Column that says whether a participant died, in the file `subjects` (ADaM DTHFL)."
        ),
        examples=["DTHFL"],
    )
    related: ColumnNames | None = Field(
        default=None,
        description=(
            "Column that says whether an adverse event was assessed as related to treatment."
        ),
        examples=["AREL"],
    )
    dose: ColumnNames | None = Field(
        default=None, description="Column of the dose given.", examples=["EXDOSE"]
    )
    unit: ColumnNames | None = Field(
        default=None,
        description="Column of the unit of a dose, or of a laboratory value.",
        examples=["EXDOSU"],
    )
    route: ColumnNames | None = Field(
        default=None, description="Column of the route of administration.", examples=["EXROUTE"]
    )
    item: ColumnNames | None = Field(
        default=None, description="Column of what a cost was for.", examples=["resource"]
    )
    amount: ColumnNames | None = Field(
        default=None, description="Column of the amount of a cost.", examples=["cost"]
    )
    currency: ColumnNames | None = Field(
        default=None, description="Column of the currency of a cost.", examples=["currency"]
    )
    test: ColumnNames | None = Field(
        default=None,
        description="Column of the test in the files `laboratory` and `ecg` (ADaM PARAMCD).",
        examples=["PARAMCD"],
    )
    result: ColumnNames | None = Field(
        default=None,
        description="Column of the value of a test, in the files `laboratory` and `ecg`.",
        examples=["AVAL"],
    )
    range_low: ColumnNames | None = Field(
        default=None,
        description="Column of the lower limit of the reference range of a value.",
        examples=["A1LO"],
    )
    range_high: ColumnNames | None = Field(
        default=None,
        description="Column of the upper limit of the reference range of a value.",
        examples=["A1HI"],
    )
    indicator: ColumnNames | None = Field(
        default=None,
        description="Column that says whether a value is low, normal or high.",
        examples=["ANRIND"],
    )
    baseline_indicator: ColumnNames | None = Field(
        default=None,
        description=(
            "Column that says whether the baseline value of the test was low, normal or high. It "
            "counts where the file has no baseline value."
        ),
        examples=["BNRIND"],
    )
    baseline_flag: ColumnNames | None = Field(
        default=None,
        description="Column that marks the baseline value of each test with yes or Y.",
        examples=["ABLFL"],
    )
    covariates: dict[CovariateName, str] = Field(
        default_factory=dict,
        description="Column of each covariate, by the name that the plan uses.",
        examples=[{"age": "AGE", "sex": "SEX"}],
    )

    @field_validator("covariates", mode="before")
    @classmethod
    def _names_are_distinct(cls, covariates: object) -> object:
        if not isinstance(covariates, dict):
            return covariates
        names = [name for name in covariates if isinstance(name, str)]
        if MEANT_BY_THE_PLAN in names:
            raise ValueError(
                "a covariate may not be called `baseline`, which is the score at the first visit "
                "of the phase; call it for example `baseline_severity`"
            )
        if pairs := names_too_alike(names):
            told = ", ".join(f"`{one}` and `{other}`" for one, other in pairs)
            raise ValueError(f"two covariates have names that are too alike: {told}; rename one")
        return covariates

    @model_validator(mode="after")
    def _days_of_visits(self) -> Self:
        if self.days and not self.wide:
            raise ValueError("`days` goes with `scores` that name a column for each visit")
        return self

    @model_validator(mode="after")
    def _bounds_alone(self) -> Self:
        if (self.after is None) != (self.by is None):
            named, lacking = ("after", "by") if self.by is None else ("by", "after")
            raise ValueError(
                f"`{named}` needs `{lacking}`: the event lies after the one time and by the other"
            )
        twice = [name for name in ("time", "occurred", "censored", "entry") if getattr(self, name)]
        if self.after is not None and twice:
            told = ", ".join(f"`{name}`" for name in twice)
            raise ValueError(f"`after` and `by` say when the event occurred; take out {told}")
        return self

    @property
    def wide(self) -> bool:
        """Whether visits stand in columns."""
        return any(not isinstance(columns, str) for columns in self.scores.values())


class Labels(PlanPart):
    """The name of the plan for each label in the data.

    `value` turns words into numbers, as for an ordinal outcome. `occurred` and `censored` take
    `yes` or `no` for each word or code.
    """

    arm: dict[str, str] = Field(
        default_factory=dict,
        description="Arm of the plan for each label in the data.",
        examples=[{"Placebo": "placebo", "Esketamine 84 mg": "esketamine"}],
    )
    phase: dict[str, str] = Field(
        default_factory=dict,
        description="Phase of the plan for each label in the data.",
        examples=[{"Part 1": "induction"}],
    )
    visit: dict[str, str] = Field(
        default_factory=dict,
        description="Visit of the plan for each label in the data.",
        examples=[{"Week 4": "Day 28"}],
    )
    scale: dict[str, str] = Field(
        default_factory=dict,
        description="Scale of the plan for each label in the data.",
        examples=[{"MADRSTOT": "MADRS"}],
    )
    event: dict[str, str] = Field(
        default_factory=dict,
        description="Event of the plan for each label in the data.",
        examples=[{"REL": "relapse"}],
    )
    reason: dict[str, str] = Field(
        default_factory=dict,
        description="Reason of the plan for each label in the data.",
        examples=[{"AE": "adverse event"}],
    )
    occurred: dict[DataLabel, YesOrNo] = Field(
        default_factory=dict,
        description="Whether the event occurred, for each word or code in the data.",
        examples=[{"relapsed": "yes", "well": "no"}],
    )
    censored: dict[DataLabel, YesOrNo] = Field(
        default_factory=dict,
        description="Whether the time is censored, for each word or code in the data.",
        examples=[{"1": "no", "2": "yes"}],
    )
    value: dict[str, float] = Field(
        default_factory=dict,
        description="Score for each word in the data, as for an ordinal outcome.",
        examples=[{"none": 0, "mild": 1}],
    )
    severity: dict[str, str] = Field(
        default_factory=dict,
        description="Severity (mild, moderate or severe) for each label in the data.",
        examples=[{"1": "mild"}],
    )
    serious: dict[str, str] = Field(
        default_factory=dict,
        description="Whether an adverse event is serious, for each label in the data.",
        examples=[{"SAE": "yes"}],
    )
    related: dict[str, str] = Field(
        default_factory=dict,
        description="Whether an adverse event is treatment-related, for each label in the data.",
        examples=[{"possible": "yes", "unlikely": "no"}],
    )
    fatal: dict[str, str] = Field(
        default_factory=dict,
        description="Whether an adverse event is fatal, for each label in the data.",
        examples=[{"fatal": "yes"}],
    )
    test: dict[str, str] = Field(
        default_factory=dict,
        description="Test of the plan for each label in the data.",
        examples=[{"Alanine Aminotransferase (U/L)": "ALT"}],
    )
    indicator: dict[str, str] = Field(
        default_factory=dict,
        description="Class (low, normal or high) for each label in the data.",
        examples=[{"HIGH HIGH": "high"}],
    )
    died: dict[str, str] = Field(
        default_factory=dict,
        description="Whether a participant died, for each label in the data.",
        examples=[{"dead": "yes"}],
    )
