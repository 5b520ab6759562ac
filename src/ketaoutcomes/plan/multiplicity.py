"""Families of hypotheses whose error is controlled together."""

from typing import Annotated, ClassVar, Final, Literal, Self, get_args

from pydantic import Field, model_validator

from ketaoutcomes.plan.combinations import Combination, Never, Written
from ketaoutcomes.plan.parts import Label, Name, PlanPart, meanings, spoken

FEWEST = 2
ROUNDING = 1e-9
MultiplicityMethod = Literal[
    "bonferroni",
    "holm",
    "hochberg",
    "fixed_sequence",
    "dunnett",
    "dunnett_step_down",
    "graph",
]

METHOD_NAMES: Final = {
    "holm": ("holm-bonferroni", "bonferroni-holm", "step-down bonferroni"),
    "fixed_sequence": ("hierarchical", "hierarchical testing", "fixed-sequence testing"),
    "dunnett_step_down": ("step-down dunnett",),
    "graph": ("graphical", "graphical testing", "gMCP"),
}
"""Procedure -> its other names."""
NO_METHOD: Final = {
    "hommel": "write `hochberg` or `holm`; Hommel's procedure is not offered",
    "sidak": "write `bonferroni` or `holm`; Sidak's procedure is not offered",
    **dict.fromkeys(
        ("gatekeeping", "serial gatekeeping", "parallel gatekeeping", "fallback", "bretz"),
        "write `graph` with `weights` and `transitions`, or `fixed_sequence`",
    ),
    **dict.fromkeys(
        ("weighted holm", "weighted bonferroni", "closed testing", "closure", "closure principle"),
        "write `graph` with `weights` and `transitions`",
    ),
    **dict.fromkeys(
        ("fdr", "false discovery rate", "benjamini-hochberg", "bh", "by", "benjamini-yekutieli"),
        "write `holm`; a plan controls the family-wise error, not the rate of false discoveries",
    ),
    **dict.fromkeys(
        ("tukey", "tukey-kramer", "scheffe", "dunnett-hsu"),
        "write `holm`, or `dunnett` where several arms are compared with one reference",
    ),
    **dict.fromkeys(
        ("truncated hochberg", "truncated holm", "simes", "step-up"),
        "write `hochberg`, `holm` or `graph`",
    ),
    "maxT": "write `dunnett`, which uses the correlations of the estimates of one analysis",
    "step-down": "write `holm`, or `dunnett_step_down` for several arms and one reference",
    **dict.fromkeys(
        ("alpha spending", "o'brien-fleming", "pocock", "lan-demets", "group sequential"),
        "no interim analyses are planned here; `study.interim` describes them",
    ),
    "none": "leave this family out; nothing is adjusted for what no family names",
}
"""Procedures that a plan has not, or calls otherwise -> what to write."""


NOT_GRAPHICAL: Final = tuple(one for one in get_args(MultiplicityMethod) if one != "graph")


class Hypothesis(PlanPart):
    """A null hypothesis: no difference in the main result of an analysis, or in another result.

    `visit` and `arm` name another visit or active arm of a repeated-measures analysis. `contrast`
    names one of its contrasts.
    """

    combinations: ClassVar[tuple[Combination, ...]] = (
        Never(
            {"contrast": Written.YES, "visit": Written.YES},
            "a hypothesis on a `contrast` takes no `visit` and no `arm`",
        ),
        Never(
            {"contrast": Written.YES, "arm": Written.YES},
            "a hypothesis on a `contrast` takes no `visit` and no `arm`",
        ),
    )

    analysis: Name = Field(
        description="Name of the analysis that tests the hypothesis.", examples=["primary"]
    )
    visit: Label | None = Field(
        default=None,
        description="Visit of the comparison. The default is that of the estimand.",
        examples=["Day 15"],
    )
    arm: Name | None = Field(
        default=None,
        description="Arm that is compared with the reference. The default is that of the estimand.",
        examples=["high"],
    )
    contrast: Name | None = Field(
        default=None,
        description="Name of a contrast of the analysis, instead of a visit and an arm.",
        examples=["first_week"],
    )


class HypothesisFamily(PlanPart):
    """Hypotheses with one two-sided level for all, in the order of testing.

    `graph` is the graphical procedure of Bretz et al. 2009, with which gatekeeping is written:
    `weights` share the level out, `transitions` say where the share of a rejected hypothesis goes.
    """

    combinations: ClassVar[tuple[Combination, ...]] = (
        *(
            Never(
                {key: Written.YES, "method": NOT_GRAPHICAL},
                "`weights` and `transitions` belong to `method: graph`",
            )
            for key in ("weights", "transitions")
        ),
        Never({"method": ("graph",), "weights": Written.NO}, "`method: graph` needs `weights`"),
    )

    label: Label | None = Field(
        default=None,
        description="Name of the family in the report.",
        examples=["Confirmatory hypotheses"],
    )
    method: Annotated[MultiplicityMethod, spoken(METHOD_NAMES, NO_METHOD)] = Field(
        description="Procedure that controls the family-wise error rate.",
        examples=["holm"],
        json_schema_extra=meanings(
            {
                "bonferroni": "Bonferroni: alpha divided by the number of hypotheses.",
                "holm": "Holm's step-down procedure.",
                "hochberg": "Hochberg's step-up procedure.",
                "fixed_sequence": "Hypotheses are tested in this order until one is not rejected.",
                "dunnett": "Dunnett's test of several arms against one reference.",
                "dunnett_step_down": "The step-down form of Dunnett's test.",
                "graph": "The graphical procedure, by `weights` and `transitions`.",
            }
        ),
    )
    alpha: float = Field(
        default=0.05,
        gt=0,
        lt=0.5,
        description="Two-sided significance level of the family.",
        examples=[0.05],
    )
    hypotheses: dict[Name, Hypothesis] = Field(
        min_length=FEWEST,
        description="Hypotheses of the family by name, in the order of testing.",
        examples=[{"one": {"analysis": "primary"}, "two": {"analysis": "response"}}],
    )
    weights: dict[Name, float] = Field(
        default_factory=dict,
        description="Part of alpha that each hypothesis starts with; `method: graph` needs them.",
        examples=[{"one": 1, "two": 0}],
    )
    transitions: dict[Name, dict[Name, float]] = Field(
        default_factory=dict,
        description="Part of its alpha that a rejected hypothesis passes on to each other one.",
        examples=[{"one": {"two": 1}}],
    )

    @model_validator(mode="after")
    def _graph_is_one(self) -> Self:
        named = {
            *self.weights,
            *self.transitions,
            *(t for g in self.transitions.values() for t in g),
        }
        unknown = sorted(named - set(self.hypotheses))
        if unknown:
            raise ValueError(f"`hypotheses` has no {', '.join(unknown)}")
        _check_shares("weights", self.weights)
        for name, shares in self.transitions.items():
            _check_shares(f"the transitions of {name}", shares)
            if name in shares:
                raise ValueError(f"the transitions of {name} lead to itself")
        return self

    @model_validator(mode="after")
    def _one_model(self) -> Self:
        models = {hypothesis.analysis for hypothesis in self.hypotheses.values()}
        if self.method.startswith("dunnett") and len(models) > 1:
            raise ValueError(
                f"`{self.method}` needs the correlations of its estimates: all hypotheses of one "
                f"analysis, not of {', '.join(sorted(models))}"
            )
        return self


def _check_shares(what: str, shares: dict[str, float]) -> None:
    if min(shares.values(), default=0) < 0 or sum(shares.values()) > 1 + ROUNDING:
        raise ValueError(f"{what} must not be negative, and of sum at most 1")
