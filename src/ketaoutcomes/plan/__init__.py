"""The analysis plan: one YAML file, read into frozen parts."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.analyses import Analysis, adjusted
from ketaoutcomes.plan.covariates import CovariateName
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.endpoints import Endpoint, scales_of
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.multiplicity import HypothesisFamily
from ketaoutcomes.plan.parts import Label, Name, PlanPart, meanings
from ketaoutcomes.plan.power import PowerBlock
from ketaoutcomes.plan.safety import Safety
from ketaoutcomes.plan.study import Phase, ScaleDefinition, Study
from ketaoutcomes.scales import SCALES, Scale

SMALLEST_CELL = 11
"""Centers for Medicare & Medicaid Services, cell size suppression policy."""

Kept = Literal["randomised", "analysed", "completed", "events", "responders", "observed"]
"""Counts that a plan can keep: those of the flow, of an endpoint's events, and of its visits."""

__all__ = ["AnalysisPlan", "Characteristic", "ReportOptions"]


class Characteristic(PlanPart):
    """What the report calls a covariate, and in which unit it is."""

    label: Label = Field(
        description="Name of the covariate in the report.",
        examples=["Family history of alcohol use disorder"],
    )
    unit: str = Field(
        default="", description="Unit of the values in the report.", examples=["years"]
    )
    levels: dict[str, Label] = Field(
        default_factory=dict,
        description="Names of levels in the report, by the values of the data.",
        examples=[{"ft": "Full time", "pt": "Part time"}],
    )


class ReportOptions(PlanPart):
    """What the report shows."""

    confidence_level: float = Field(
        default=0.95,
        gt=0.5,
        lt=1,
        description="Level of all confidence intervals.",
        examples=[0.95],
    )
    baseline_table: tuple[CovariateName, ...] = Field(
        default=(),
        strict=False,
        description="Covariates shown in the table of baseline characteristics, in this order.",
        examples=[["age", "sex"]],
    )
    characteristics: dict[CovariateName, Characteristic] = Field(
        default_factory=dict,
        description="Names and units of covariates. The default is the name that the data have.",
        examples=[{"age": {"label": "Age", "unit": "years"}}],
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
    smallest_cell: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description=(
            "Smallest count of participants, other than zero, that any output shows. The "
            "default is 11 for real data and 1 for simulated data."
        ),
        examples=[11],
    )
    keep: tuple[Kept, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Counts to show exactly where small counts are suppressed; others are rounded"
            " or withheld instead."
        ),
        examples=[["randomised", "events"]],
        json_schema_extra=meanings(
            {
                "randomised": "Participants randomised to each arm.",
                "analysed": "Participants included in each analysis.",
                "completed": "Participants who completed each phase.",
                "events": "Participants with an event.",
                "responders": "Participants with a response or remission.",
                "observed": "Participants observed at each visit.",
            }
        ),
    )


def _without_baseline(analysis: object) -> object:
    """An analysis as it is written, with no covariate where it would have the baseline."""
    if not isinstance(analysis, dict):
        return analysis
    keys = adjusted(str(analysis.get("model")))
    return dict.fromkeys(keys, ()) | analysis


class AnalysisPlan(PlanPart):
    """A whole statistical analysis plan."""

    study: Study = Field(
        description="What is asked, of whom, and how the study was done.",
        examples=[
            {
                "id": "trd",
                "title": "A trial",
                "question": "Does it work?",
                "condition": "depression",
            }
        ],
    )
    data: DataBlock = Field(
        description="Where the data come from: a simulated scenario, or files.",
        examples=[{"synthetic": {"scenario": "trd_short_term", "seed": 1}}],
    )
    phases: dict[Name, Phase] = Field(
        min_length=1,
        description="Parts of the study by name, each with its arms and visits.",
        examples=[
            {
                "induction": {
                    "label": "Induction",
                    "arms": {"placebo": "Placebo", "drug": "Drug"},
                    "reference": "placebo",
                    "visits": {"Baseline": {"day": 1}, "Day 28": {"day": 28}},
                }
            }
        ],
    )
    scales: dict[Label, ScaleDefinition] = Field(
        default_factory=dict,
        description="Rating scales and measurements that the package does not know, by name.",
        examples=[
            {
                "BDNF": {
                    "label": "Serum BDNF",
                    "low": 0,
                    "high": 100,
                    "better": "higher",
                    "source": "Laboratory manual",
                    "unit": "ng/mL",
                }
            }
        ],
    )
    endpoints: dict[Name, Endpoint] = Field(
        min_length=1,
        description="Endpoints by name: what is measured in each participant.",
        examples=[{"madrs_change": {"kind": "change", "phase": "induction", "scale": "MADRS"}}],
    )
    estimands: dict[Name, Estimand] = Field(
        min_length=1,
        description="Estimands by name, each with the five attributes of ICH E9(R1).",
        examples=[
            {
                "main": {
                    "population": "Randomised adults",
                    "treatment": {"active": "drug", "reference": "placebo"},
                    "endpoint": "madrs_change",
                    "visit": "Day 28",
                    "summary": "difference_in_means",
                }
            }
        ],
    )
    analyses: dict[Name, Analysis] = Field(
        min_length=1,
        description="Analyses by name; each estimates one estimand by one model.",
        examples=[{"primary": {"model": "mmrm", "estimand": "main", "role": "primary"}}],
    )
    multiplicity: dict[Name, HypothesisFamily] = Field(
        default_factory=dict,
        description="Families of hypotheses by name, each with a procedure for multiple testing.",
        examples=[
            {
                "confirmatory": {
                    "method": "holm",
                    "hypotheses": {"one": {"analysis": "primary"}, "two": {"analysis": "response"}},
                }
            }
        ],
    )
    safety: Safety | None = Field(
        default=None,
        description="Safety tables; an empty block `{}` gives the defaults.",
        examples=[{"show_at_least_percent": 5}],
    )
    report: ReportOptions = Field(
        default=ReportOptions(),
        description="Options of the report.",
        examples=[{"confidence_level": 0.95, "word": True}],
    )
    power: PowerBlock = Field(
        default=PowerBlock(),
        description="Simulated trials of the command `power`.",
        examples=[{"subjects": [200, 300], "replicates": 1000}],
    )
    check: Literal["none", "headline", "all"] = Field(
        default="headline",
        description="Which numbers a second, independent program computes again.",
        examples=["headline"],
        json_schema_extra=meanings(
            {
                "none": "No number is computed again.",
                "headline": "The main result of each estimand.",
                "all": "All numbers that the second program can compute.",
            }
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _no_adjustment_for_a_constant(cls, content: object) -> object:
        """A baseline that is the same for everybody is no covariate, unless the plan names it."""
        if not isinstance(content, dict):
            return content
        data, analyses = content.get("data"), content.get("analyses")
        fixed = isinstance(data, dict) and data.get("baseline_score") is not None
        if not fixed or not isinstance(analyses, dict):
            return content
        return content | {"analyses": {k: _without_baseline(v) for k, v in analyses.items()}}

    @model_validator(mode="after")
    def _rows_only_where_nothing_is_hidden(self) -> Self:
        if self.safety is not None and self.safety.listings and self.smallest_cell > 1:
            raise ValueError(
                "`safety.listings` shows single participants, and small counts are hidden: write "
                "`report: {smallest_cell: 1}` if rows may be published, or leave `listings` out"
            )
        return self

    def scale(self, name: str) -> Scale:
        """The scale of this name, the plan's own before the known ones.

        Raises
        ------
        KeyError
            If neither defines it; the plan reader refuses such a plan before.
        """
        if name in self.scales:
            return Scale(name=name, **self.scales[name].model_dump())
        return SCALES[name]

    def baseline_scale(self, phase: str) -> Scale | None:
        """The scale whose score at a phase's first visit describes the participants.

        That of the phase's first endpoint on a scale; where the phase has none, as the second
        period of a crossover, that of the plan's first.
        """
        inside = [e for e in self.endpoints.values() if e.phase == phase]
        named = (s for e in (*inside, *self.endpoints.values()) for s in scales_of(e))
        name = next(named, None)
        return None if name is None else self.scale(name)

    @property
    def smallest_cell(self) -> int:
        """The smallest count of subjects, other than zero, that any output may show."""
        if self.report.smallest_cell is not None:
            return self.report.smallest_cell
        return 1 if self.data.synthetic is not None else SMALLEST_CELL

    @property
    def compares(self) -> bool:
        """Whether any estimand compares two arms."""
        return any(estimand.treatment.compares for estimand in self.estimands.values())

    def analysis_phase(self, analysis: str) -> str:
        """The phase that an analysis looks at."""
        estimand = self.estimands[self.analyses[analysis].estimand]
        return self.endpoints[estimand.endpoint].phase
