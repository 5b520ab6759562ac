"""A synthesis: published results of several studies, pooled by outcome."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.columns import KeptValues
from ketaoutcomes.plan.files import Writing, WrittenFiles
from ketaoutcomes.plan.parts import Label, Name, PlanPart, spoken

Measure = Literal[
    "hedges_g", "mean_difference", "risk_ratio", "odds_ratio", "risk_difference", "hazard_ratio"
]
MEASURE_LABELS: dict[Measure, str] = {
    "hedges_g": "Standardised mean difference (Hedges' g)",
    "mean_difference": "Mean difference",
    "risk_ratio": "Risk ratio",
    "odds_ratio": "Odds ratio",
    "risk_difference": "Risk difference",
    "hazard_ratio": "Hazard ratio",
}
RATIOS: frozenset[Measure] = frozenset({"risk_ratio", "odds_ratio", "hazard_ratio"})
OF_MEANS: frozenset[Measure] = frozenset({"hedges_g", "mean_difference"})
ResultKind = Literal["changes", "means", "counts", "effects"]
KINDS: dict[Measure, tuple[ResultKind, ...]] = {
    "hedges_g": ("means", "changes", "effects"),
    "mean_difference": ("means", "changes", "effects"),
    "risk_ratio": ("counts", "effects"),
    "odds_ratio": ("counts", "effects"),
    "risk_difference": ("counts", "effects"),
    "hazard_ratio": ("effects",),
}
"""Of which kinds of result a measure can be made."""

Column = Annotated[str, Field(min_length=1)]


class MeansOfArm(PlanPart):
    """Columns of an arm's number, mean and SD."""

    n: Column
    mean: Column
    sd: Column


class CountsOfArm(PlanPart):
    """Columns of an arm's subjects with the event, and all."""

    events: Column
    n: Column


class MeansOfArms(PlanPart):
    """Means of both arms, at the end or as changes from baseline."""

    active: MeansOfArm
    control: MeansOfArm


class CountsOfArms(PlanPart):
    """Counts of both arms."""

    active: CountsOfArm
    control: CountsOfArm


class EffectOfStudy(PlanPart):
    """Columns of an effect that the study tells itself, active less control or over it."""

    estimate: Column
    std_error: Column | None = Field(default=None, description="of a ratio that of its logarithm")
    low: Column | None = None
    high: Column | None = None
    conf_level: float = Field(default=0.95, gt=0.5, lt=1, description="of the limits")
    active_n: Column | None = None
    control_n: Column | None = None

    @model_validator(mode="after")
    def _is_precise(self) -> Self:
        if self.std_error is None and (self.low is None or self.high is None):
            raise ValueError("an effect needs `std_error`, or `low` and `high`")
        return self


class StudyColumns(PlanPart):
    """Which column holds what; one row a study, comparison, outcome and time."""

    study: Column
    active: Column | None = None
    control: Column | None = None
    instrument: Column | None = None
    days: Column | None = None
    means: MeansOfArms | None = None
    changes: MeansOfArms | None = None
    counts: CountsOfArms | None = None
    effects: EffectOfStudy | None = None
    characteristics: dict[Label, Column] = Field(
        default_factory=dict, description="what the table of studies shows: label -> column"
    )
    risk_of_bias: dict[Label, Column] = Field(
        default_factory=dict, description="judgements by domain: label -> column"
    )


class StudyFile(WrittenFiles):
    """The file of published results. They are public, so that nothing in it is hidden."""

    file: str = Field(min_length=1)
    columns: StudyColumns
    missing: KeptValues | None = Field(
        default=None, description="values that mean missing, such as `[-9, not reported]`"
    )
    header_row: int = Field(
        default=1, ge=1, le=1000, description="the row of a text file that names the columns"
    )
    citation: str | None = None

    @property
    def writing(self) -> Writing:
        """How the file is written, and which of its columns hold labels."""
        columns = self.columns
        labels = (columns.study, columns.active, columns.control, columns.instrument)
        return Writing(
            encoding=self.encoding,
            decimal=self.decimal,
            grouping=self.grouping,
            header_row=self.header_row,
            codes=self.value_labels == "codes",
            labels=frozenset(column.casefold() for column in labels if column),
        )


class Outcome(PlanPart):
    """What is pooled: one effect a study.

    `keep` says which rows belong to it. Where several of a study are left, `prefer` chooses: its
    columns in order, the values of each from the most wanted; what is not named is wanted least.
    """

    label: Label
    measure: Measure
    better: Literal["lower", "higher"]
    results: tuple[ResultKind, ...] = Field(
        strict=False, min_length=1, description="kinds of result to use, the most wanted first"
    )
    role: Literal["primary", "secondary"] = "secondary"
    keep: dict[str, KeptValues] = Field(default_factory=dict)
    prefer: dict[str, KeptValues] = Field(default_factory=dict)
    groups: tuple[Label, ...] = Field(
        default=(), strict=False, description="characteristics by whose values studies are grouped"
    )
    regress_on: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="characteristics, of numbers, on which effects are regressed, each alone",
    )
    turned_instruments: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="instruments scored the other way than `better`: the sign is turned",
    )

    @model_validator(mode="after")
    def _results_fit(self) -> Self:
        known = KINDS[self.measure]
        wrong = [kind for kind in self.results if kind not in known]
        if wrong:
            needed = " or ".join(known)
            raise ValueError(f"`{self.measure}` is made of {needed}, not of {', '.join(wrong)}")
        if self.turned_instruments and self.measure not in OF_MEANS:
            raise ValueError("`turned_instruments` is for means; events are what they are")
        return self

    @property
    def is_ratio(self) -> bool:
        """Whether the effect is pooled as a logarithm."""
        return self.measure in RATIOS


class Pooling(PlanPart):
    """How effects are pooled."""

    between_studies: Annotated[
        Literal["reml", "paule-mandel", "dersimonian-laird"],
        spoken({"paule-mandel": ("pm",), "dersimonian-laird": ("dl",)}),
    ] = Field(default="reml", description="estimator of the variance of the true effects")
    interval: Annotated[
        Literal["hartung-knapp", "normal"],
        spoken({"hartung-knapp": ("knha", "knapp-hartung"), "normal": ("wald", "z")}),
    ] = "hartung-knapp"


class SynthesisQuestion(PlanPart):
    """What is asked, and what is known of how the studies were found."""

    id: Name
    title: Label
    question: str
    condition: Label
    search: str | None = Field(
        default=None, description="how studies were searched and chosen, as their authors say"
    )


class SynthesisReport(PlanPart):
    """What the report shows."""

    confidence_level: float = Field(default=0.95, gt=0.5, lt=1)
    word: bool = Field(default=False, description="also write the report for Word")
    rtf: bool = Field(default=False, description="also write the tables as rich text")


class SynthesisPlan(PlanPart):
    """A whole plan of a synthesis."""

    KEY: ClassVar[str] = "synthesis"

    synthesis: SynthesisQuestion
    data: StudyFile
    outcomes: dict[Name, Outcome] = Field(min_length=1)
    pooling: Pooling = Pooling()
    report: SynthesisReport = SynthesisReport()
    check: Literal["none", "headline", "all"] = Field(
        default="headline",
        description="which numbers a second program computes again: the pooled effects, all that "
        "have one, or none",
    )

    @model_validator(mode="after")
    def _has_its_columns(self) -> Self:
        columns = self.data.columns
        for name, outcome in self.outcomes.items():
            lacking = [kind for kind in outcome.results if getattr(columns, kind) is None]
            if lacking:
                raise ValueError(
                    f"outcome `{name}` takes {', '.join(lacking)}, which `data.columns` lacks"
                )
            named = dict.fromkeys((*outcome.groups, *outcome.regress_on))
            unknown = [label for label in named if label not in columns.characteristics]
            if unknown:
                raise ValueError(
                    f"outcome `{name}` names {', '.join(unknown)}, which is no characteristic"
                )
            if outcome.turned_instruments and columns.instrument is None:
                raise ValueError(
                    f"outcome `{name}` turns instruments, which `data.columns` does not tell"
                )
        return self

    @model_validator(mode="after")
    def _has_one_primary(self) -> Self:
        primary = [name for name, outcome in self.outcomes.items() if outcome.role == "primary"]
        if len(primary) != 1:
            raise ValueError(f"one outcome is primary; found: {', '.join(primary) or 'none'}")
        return self

    @property
    def primary(self) -> str:
        """The outcome that answers the question."""
        return next(name for name, o in self.outcomes.items() if o.role == "primary")
