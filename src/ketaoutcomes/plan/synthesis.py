"""A synthesis: published results of several studies, pooled by outcome."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.columns import KeptValues
from ketaoutcomes.plan.combinations import Combination, Never, Written
from ketaoutcomes.plan.derived import ColumnName, Derivation
from ketaoutcomes.plan.files import Writing, WrittenFiles
from ketaoutcomes.plan.parts import Label, Name, PlanPart, meanings, spoken

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

    n: Column = Field(description="Column of the number of participants.", examples=["n_active"])
    mean: Column = Field(description="Column of the mean.", examples=["mean_active"])
    sd: Column = Field(description="Column of the standard deviation.", examples=["sd_active"])


class CountsOfArm(PlanPart):
    """Columns of an arm's participants with the event, and of all."""

    events: Column = Field(
        description="Column of the number of participants with the event.",
        examples=["events_active"],
    )
    n: Column = Field(description="Column of the number of participants.", examples=["n_active"])


class MeansOfArms(PlanPart):
    """Means of both arms, at the end or as changes from baseline."""

    active: MeansOfArm = Field(
        description="Columns of the active arm.",
        examples=[{"n": "n_active", "mean": "mean_active", "sd": "sd_active"}],
    )
    control: MeansOfArm = Field(
        description="Columns of the control arm.",
        examples=[{"n": "n_control", "mean": "mean_control", "sd": "sd_control"}],
    )


class CountsOfArms(PlanPart):
    """Counts of both arms."""

    active: CountsOfArm = Field(
        description="Columns of the active arm.",
        examples=[{"events": "events_active", "n": "n_active"}],
    )
    control: CountsOfArm = Field(
        description="Columns of the control arm.",
        examples=[{"events": "events_control", "n": "n_control"}],
    )


class EffectOfStudy(PlanPart):
    """Columns of an effect that the study reports, active minus control or their ratio."""

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {"std_error": Written.NO, "low": Written.NO},
            "an effect needs `std_error`, or `low` and `high`",
        ),
        Never(
            {"std_error": Written.NO, "high": Written.NO},
            "an effect needs `std_error`, or `low` and `high`",
        ),
    )

    estimate: Column = Field(
        description="Column of the reported effect: active minus control, or their ratio.",
        examples=["hr"],
    )
    std_error: Column | None = Field(
        default=None,
        description="Column of the standard error; for a ratio, of its logarithm.",
        examples=["se_log_hr"],
    )
    low: Column | None = Field(
        default=None, description="Column of the lower confidence limit.", examples=["hr_low"]
    )
    high: Column | None = Field(
        default=None, description="Column of the upper confidence limit.", examples=["hr_high"]
    )
    conf_level: float = Field(
        default=0.95,
        gt=0.5,
        lt=1,
        description="Level of the reported confidence limits.",
        examples=[0.95],
    )
    active_n: Column | None = Field(
        default=None,
        description="Column of the number of participants in the active arm.",
        examples=["n_active"],
    )
    control_n: Column | None = Field(
        default=None,
        description="Column of the number of participants in the control arm.",
        examples=["n_control"],
    )


class StudyColumns(PlanPart):
    """Which column holds what; one row per study, comparison, outcome and time."""

    study: Column = Field(description="Column of the name of the study.", examples=["trial"])
    active: Column | None = Field(
        default=None, description="Column of the name of the active arm.", examples=["arm_active"]
    )
    control: Column | None = Field(
        default=None, description="Column of the name of the control arm.", examples=["arm_control"]
    )
    instrument: Column | None = Field(
        default=None, description="Column of the scale or instrument.", examples=["scale"]
    )
    days: Column | None = Field(
        default=None, description="Column of the day of the assessment.", examples=["day"]
    )
    means: MeansOfArms | None = Field(
        default=None,
        description="Columns of the means at the end.",
        examples=[
            {
                "active": {"n": "n1", "mean": "m1", "sd": "s1"},
                "control": {"n": "n0", "mean": "m0", "sd": "s0"},
            }
        ],
    )
    changes: MeansOfArms | None = Field(
        default=None,
        description="Columns of the mean changes from baseline.",
        examples=[
            {
                "active": {"n": "n1", "mean": "m1", "sd": "s1"},
                "control": {"n": "n0", "mean": "m0", "sd": "s0"},
            }
        ],
    )
    counts: CountsOfArms | None = Field(
        default=None,
        description="Columns of the numbers of participants with the event.",
        examples=[{"active": {"events": "e1", "n": "n1"}, "control": {"events": "e0", "n": "n0"}}],
    )
    effects: EffectOfStudy | None = Field(
        default=None,
        description="Columns of effects that the studies report.",
        examples=[{"estimate": "hr", "low": "hr_low", "high": "hr_high"}],
    )
    characteristics: dict[Label, Column] = Field(
        default_factory=dict,
        description="Column of each characteristic in the table of studies.",
        examples=[{"Mean age": "age"}],
    )
    risk_of_bias: dict[Label, Column] = Field(
        default_factory=dict,
        description="Column of the risk-of-bias judgement of each domain.",
        examples=[{"Randomisation": "rob_d1"}],
    )


class StudyFile(WrittenFiles):
    """The file of published results. They are public, so that nothing in it is hidden."""

    file: str = Field(
        min_length=1,
        description="Name of the file of published results.",
        examples=["ketamine_trials.csv"],
    )
    columns: StudyColumns = Field(
        description="Columns of the file; one row per study, comparison, outcome and time.",
        examples=[{"study": "trial"}],
    )
    derive: dict[ColumnName, Derivation] = Field(
        default_factory=dict,
        description=(
            "New columns of the file, each by a formula or by recoding a column. They are made in "
            "this order."
        ),
        examples=[{"n_active": "events_active + non_events_active"}],
    )
    missing: KeptValues | None = Field(
        default=None, description="Values that mean missing.", examples=[[-9, "not reported"]]
    )
    header_row: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="Row of the file that names the columns.",
        examples=[1],
    )
    citation: str | None = Field(
        default=None,
        description="Citation of the data.",
        examples=["Systematic review of 2024, table 2"],
    )

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
            codes=self.labelled_values == "codes",
            labels=frozenset(column.casefold() for column in labels if column),
        )


class Outcome(PlanPart):
    """What is pooled: one effect a study.

    `where` says which rows belong to it. Where several of a study are left, `prefer` chooses: its
    columns in order, the values of each from the most wanted; what is not named is wanted least.
    """

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {
                "reversed_instruments": Written.YES,
                "measure": ("risk_ratio", "odds_ratio", "risk_difference", "hazard_ratio"),
            },
            "`reversed_instruments` applies to means; the direction of an event does not change",
        ),
    )

    label: Label = Field(
        description="Name of the outcome in the report.", examples=["Depression score at 24 hours"]
    )
    measure: Measure = Field(
        description="Effect measure that is pooled.",
        examples=["hedges_g"],
        json_schema_extra=meanings(
            {
                "hedges_g": "Standardised mean difference (Hedges' g).",
                "mean_difference": "Difference in means.",
                "risk_ratio": "Risk in one arm divided by that in the other.",
                "odds_ratio": "Odds in one arm divided by those in the other.",
                "risk_difference": "Risk in one arm minus that in the other.",
                "hazard_ratio": "Rate of an event at any moment, one arm divided by the other.",
            }
        ),
    )
    better: Literal["lower", "higher"] = Field(
        description="Direction of improvement.",
        examples=["lower"],
        json_schema_extra=meanings(
            {"lower": "Lower values are better.", "higher": "Higher values are better."}
        ),
    )
    results: tuple[ResultKind, ...] = Field(
        strict=False,
        min_length=1,
        description="Kinds of reported results to use, in order of preference.",
        examples=[["changes", "means"]],
        json_schema_extra=meanings(
            {
                "changes": "Means of changes from baseline.",
                "means": "Means at the end.",
                "counts": "Numbers of participants with an event.",
                "effects": "Effects as the study reports them.",
            }
        ),
    )
    role: Literal["primary", "secondary"] = Field(
        default="secondary",
        description="Role of the outcome; exactly one is primary.",
        examples=["primary"],
        json_schema_extra=meanings(
            {"primary": "It answers the question.", "secondary": "It answers another question."}
        ),
    )
    where: dict[str, KeptValues] = Field(
        default_factory=dict,
        description="Rows of the file to use: those where a column holds one of these values.",
        examples=[{"timepoint": "24 h"}],
    )
    prefer: dict[str, KeptValues] = Field(
        default_factory=dict,
        description="Order of preference where several rows of a study are left, by column.",
        examples=[{"scale": ["MADRS", "HAMD17"]}],
    )
    groups: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="Characteristics that define subgroups of studies.",
        examples=[["route"]],
    )
    regress_on: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description="Numeric characteristics for meta-regression, each in a model of its own.",
        examples=[["mean age"]],
    )
    reversed_instruments: tuple[Label, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Instruments scored in the opposite direction; the sign of their effects is reversed."
        ),
        examples=[["GAF"]],
    )

    @model_validator(mode="after")
    def _results_fit(self) -> Self:
        known = KINDS[self.measure]
        wrong = [kind for kind in self.results if kind not in known]
        if wrong:
            needed = " or ".join(known)
            raise ValueError(f"`{self.measure}` is made of {needed}, not of {', '.join(wrong)}")
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
    ] = Field(
        default="reml",
        description="Estimator of the between-study variance.",
        examples=["reml"],
        json_schema_extra=meanings(
            {
                "reml": "Restricted maximum likelihood.",
                "paule_mandel": "Paule and Mandel.",
                "dersimonian_laird": "DerSimonian and Laird.",
            }
        ),
    )
    interval: Annotated[
        Literal["hartung-knapp", "normal"],
        spoken({"hartung-knapp": ("knha", "knapp-hartung"), "normal": ("wald", "z")}),
    ] = Field(
        default="hartung-knapp",
        description="Confidence interval of the pooled effect.",
        examples=["hartung_knapp"],
        json_schema_extra=meanings(
            {
                "hartung_knapp": "Hartung, Knapp, Sidik and Jonkman, with a t distribution.",
                "normal": "Normal approximation.",
            }
        ),
    )
    prediction_df: Annotated[
        Literal["studies-minus-2", "studies-minus-1"],
        spoken({"studies-minus-2": ("k-2",), "studies-minus-1": ("k-1",)}),
    ] = Field(
        default="studies-minus-2",
        description="Degrees of freedom of the prediction interval.",
        examples=["studies_minus_2"],
        json_schema_extra=meanings(
            {
                "studies_minus_2": "Two fewer than studies, as Higgins et al. (2009) propose.",
                "studies_minus_1": "One fewer than studies, as R's metafor has with test knha.",
            }
        ),
    )

    @property
    def fewer_df(self) -> int:
        """By how many the degrees of freedom of the prediction interval are fewer than studies."""
        return 1 if self.prediction_df == "studies-minus-1" else 2


class SynthesisQuestion(PlanPart):
    """What is asked, and what is known of how the studies were found."""

    id: Name = Field(
        description="Short name of the synthesis, which also names the folder of the report.",
        examples=["ketamine_trials"],
    )
    title: Label = Field(
        description="Title of the report.", examples=["Ketamine and esketamine for depression"]
    )
    question: str = Field(
        description="Question that the primary outcome answers.",
        examples=["Does ketamine lower depression scores at 24 hours?"],
    )
    condition: Label = Field(
        description="Condition of the participants of the studies.", examples=["depression"]
    )
    search: str | None = Field(
        default=None,
        description="How studies were searched and selected, as the authors report it.",
        examples=["PubMed and Embase to June 2024, two reviewers"],
    )
    funding: str | None = Field(
        default=None,
        description="Sources of funding of the synthesis.",
        examples=["National Institute for Health and Care Research"],
    )
    registration: str | None = Field(
        default=None,
        description="Register of the synthesis and its number.",
        examples=["PROSPERO, CRD42024000000"],
    )


class SynthesisReport(PlanPart):
    """What the report shows."""

    confidence_level: float = Field(
        default=0.95,
        gt=0.5,
        lt=1,
        description="Level of all confidence intervals.",
        examples=[0.95],
    )
    word: bool = Field(
        default=False,
        description="Whether the report is also written as a Word document.",
        examples=[True],
    )
    rtf: bool = Field(
        default=False,
        description="Whether the tables are also written as rich text (RTF).",
        examples=[True],
    )


class SynthesisPlan(PlanPart):
    """A whole plan of a synthesis."""

    KEY: ClassVar[str] = "synthesis"

    synthesis: SynthesisQuestion = Field(
        description="What is asked, and how the studies were found.",
        examples=[
            {
                "id": "ketamine",
                "title": "Ketamine for depression",
                "question": "Does it work?",
                "condition": "depression",
            }
        ],
    )
    data: StudyFile = Field(
        description="File of the published results and its columns.",
        examples=[{"file": "trials.csv", "columns": {"study": "trial"}}],
    )
    outcomes: dict[Name, Outcome] = Field(
        min_length=1,
        description="Outcomes by name; the effects of each are pooled.",
        examples=[
            {
                "response": {
                    "label": "Response",
                    "measure": "risk_ratio",
                    "better": "higher",
                    "results": ["counts"],
                    "role": "primary",
                }
            }
        ],
    )
    pooling: Pooling = Field(
        default=Pooling(),
        description="Methods by which effects are pooled.",
        examples=[{"between_studies": "reml"}],
    )
    report: SynthesisReport = Field(
        default=SynthesisReport(), description="Options of the report.", examples=[{"word": True}]
    )
    check: Literal["none", "headline", "all"] = Field(
        default="headline",
        description="Which numbers a second, independent program computes again.",
        examples=["headline"],
        json_schema_extra=meanings(
            {
                "none": "No number is computed again.",
                "headline": "The pooled effects.",
                "all": "All numbers that the second program can compute.",
            }
        ),
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
                    f"outcome `{name}` names {', '.join(unknown)}, which is not a characteristic"
                )
            if outcome.reversed_instruments and columns.instrument is None:
                raise ValueError(
                    f"outcome `{name}` reverses instruments, which `data.columns` does not name"
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
