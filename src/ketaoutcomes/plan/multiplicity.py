"""Families of hypotheses whose error is controlled together."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart, spoken

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
    "fixed_sequence": ("hierarchical", "fixed-sequence testing"),
    "dunnett_step_down": ("step-down dunnett",),
    "graph": ("graphical",),
}
"""Procedure -> its other names."""
NO_METHOD: Final = {
    "hommel": "write `hochberg` or `holm`; Hommel's procedure is not offered",
    "sidak": "write `bonferroni` or `holm`; Sidak's procedure is not offered",
    "gatekeeping": "write `graph` with `weights` and `transitions`, or `fixed_sequence`",
    "fdr": "write `holm`; a plan controls the family-wise error, not the rate of false discoveries",
}
"""Procedures that a plan has not, or calls otherwise -> what to write."""


class Hypothesis(PlanPart):
    """That one comparison is nothing: the main result of an analysis, or another of its results.

    `visit` and `arm` take another visit or active arm of a repeated-measures analysis, `contrast`
    one of its named contrasts.
    """

    analysis: Name
    visit: Label | None = None
    arm: Name | None = None
    contrast: Name | None = None

    @model_validator(mode="after")
    def _one_result(self) -> Self:
        if self.contrast is not None and (self.visit is not None or self.arm is not None):
            raise ValueError("a hypothesis on a `contrast` takes no `visit` and no `arm`")
        return self


class HypothesisFamily(PlanPart):
    """Hypotheses with one two-sided level for all, in the order of testing.

    `graph` is the graphical procedure of Bretz et al. 2009, with which gatekeeping is written:
    `weights` share the level out, `transitions` say where the share of a rejected hypothesis goes.
    """

    label: Label | None = None
    method: Annotated[MultiplicityMethod, spoken(METHOD_NAMES, NO_METHOD)]
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    hypotheses: dict[Name, Hypothesis] = Field(min_length=FEWEST)
    weights: dict[Name, float] = Field(default_factory=dict)
    transitions: dict[Name, dict[Name, float]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _graph_is_one(self) -> Self:
        if self.method != "graph":
            if self.weights or self.transitions:
                raise ValueError("`weights` and `transitions` belong to `method: graph`")
            return self
        if not self.weights:
            raise ValueError("`method: graph` needs `weights`")
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
