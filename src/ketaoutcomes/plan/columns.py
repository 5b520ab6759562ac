"""What the columns and the labels of a dataset mean, in the plan's words."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

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

    subject: ColumnNames | None = Field(
        default=None,
        description="whose a row is; several columns that every file holds say it together, as "
        "`[centre, id]`",
    )
    arm: ColumnNames | None = None
    phase: ColumnNames | None = None
    visit: ColumnNames | None = Field(default=None, description="the visit's label")
    day: ColumnNames | None = Field(default=None, description="study day, 1 = first dose")
    value: ColumnNames | None = Field(default=None, description="the score")
    baseline: ColumnNames | None = Field(
        default=None, description="the score at baseline, on every row"
    )
    derived: ColumnNames | None = Field(
        default=None,
        description="how a score was derived, such as LOCF; empty where observed (ADaM DTYPE)",
    )
    scale: ColumnNames | None = Field(default=None, description="which scale a row holds")
    scores: dict[Label, ScoreColumns] = Field(
        default_factory=dict,
        description="instead of `value`: scale -> its column, or scale -> visit -> column (wide)",
    )
    baselines: dict[Label, str] = Field(
        default_factory=dict, description="instead of `baseline`: scale -> column"
    )
    days: dict[Label, str] = Field(
        default_factory=dict, description="instead of `day`, in a wide file: visit -> column"
    )
    event: ColumnNames | None = Field(default=None, description="what happened, in the events file")
    time: ColumnNames | None = Field(default=None, description="time to event or censoring")
    time_unit: ColumnNames | None = Field(
        default=None, description="the unit of each time (ADaM AVALU)"
    )
    parameter: ColumnNames | None = Field(
        default=None, description="what a time is, with its unit in brackets (ADaM PARAM)"
    )
    entry: ColumnNames | None = Field(
        default=None,
        description="when observation began, on the clock of `time`: delayed entry, or the start "
        "of each of a subject's intervals",
    )
    occurred: ColumnNames | None = Field(
        default=None, description="1 or true where the event occurred"
    )
    censored: ColumnNames | None = Field(
        default=None, description="1 or true where censored (ADaM CNSR)"
    )
    reason: ColumnNames | None = Field(default=None, description="why follow-up ended")
    treatment_day: ColumnNames | None = Field(
        default=None, description="last study day on treatment, in the subjects file"
    )
    treatment_reason: ColumnNames | None = Field(
        default=None, description="completed, or why treatment was discontinued"
    )
    soc: ColumnNames | None = Field(default=None, description="system organ class")
    term: ColumnNames | None = Field(default=None, description="preferred term of a harm")
    severity: ColumnNames | None = Field(default=None, description="mild, moderate or severe")
    serious: ColumnNames | None = Field(default=None, description="whether a harm was serious")
    fatal: ColumnNames | None = Field(
        default=None, description="whether an adverse event was fatal (ADaM AESDTH or AEOUT)"
    )
    died: ColumnNames | None = Field(
        default=None, description="whether a participant died, in the subjects file (ADaM DTHFL)"
    )
    related: ColumnNames | None = Field(
        default=None, description="whether a harm was held to be due to treatment"
    )
    dose: ColumnNames | None = Field(default=None, description="the dose given")
    unit: ColumnNames | None = Field(default=None, description="the unit of the dose")
    route: ColumnNames | None = Field(default=None, description="the route of the dose")
    item: ColumnNames | None = Field(default=None, description="what a cost was for")
    amount: ColumnNames | None = Field(default=None, description="the cost")
    currency: ColumnNames | None = Field(default=None, description="the currency of the cost")
    covariates: dict[CovariateName, str] = Field(default_factory=dict)

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
    def _scores_told_once(self) -> Self:
        if self.scores and (self.value is not None or self.scale is not None):
            raise ValueError("`scores` stands instead of `value` and `scale`; take them out")
        if self.baselines and (self.baseline is not None or not self.scores):
            raise ValueError("`baselines` goes with `scores`, and stands instead of `baseline`")
        if self.days and not self.wide:
            raise ValueError("`days` goes with `scores` that name a column for each visit")
        return self

    @property
    def wide(self) -> bool:
        """Whether visits stand in columns."""
        return any(not isinstance(columns, str) for columns in self.scores.values())


class Labels(PlanPart):
    """The data's own labels turned into the plan's: label in the data -> name in the plan.

    `value` turns words into numbers, as of an ordinal outcome. `occurred` and `censored` say of
    each word or code whether it means yes.
    """

    arm: dict[str, str] = Field(default_factory=dict)
    phase: dict[str, str] = Field(default_factory=dict)
    visit: dict[str, str] = Field(default_factory=dict)
    scale: dict[str, str] = Field(default_factory=dict)
    event: dict[str, str] = Field(default_factory=dict)
    reason: dict[str, str] = Field(default_factory=dict)
    occurred: dict[DataLabel, YesOrNo] = Field(
        default_factory=dict, description="word or code -> whether the event occurred: yes or no"
    )
    censored: dict[DataLabel, YesOrNo] = Field(
        default_factory=dict, description="word or code -> whether the time is censored: yes or no"
    )
    value: dict[str, float] = Field(default_factory=dict)
    severity: dict[str, str] = Field(default_factory=dict)
    serious: dict[str, str] = Field(default_factory=dict)
    related: dict[str, str] = Field(default_factory=dict)
    fatal: dict[str, str] = Field(default_factory=dict)
    died: dict[str, str] = Field(default_factory=dict)
