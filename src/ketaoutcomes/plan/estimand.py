"""Estimands: what is to be estimated, apart from how."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart
from ketaoutcomes.vocabulary import Strategy


class TreatmentContrast(PlanPart):
    """The two arms compared: active minus reference; without `reference`, one arm by itself."""

    active: Name
    reference: Name = Field(
        default="", description="the arm compared with; left out where the phase has one arm"
    )

    @model_validator(mode="after")
    def _two_arms(self) -> Self:
        if self.active == self.reference:
            raise ValueError(
                "`active` and `reference` must be two different arms; leave `reference` out where "
                "the phase has one arm"
            )
        return self

    @property
    def compares(self) -> bool:
        """Whether two arms are compared."""
        return bool(self.reference)

    @property
    def arms(self) -> tuple[str, ...]:
        """The active arm, then the reference where there is one."""
        return (self.active, self.reference) if self.compares else (self.active,)

    @property
    def contrast(self) -> dict[str, float]:
        """Arm -> its weight in what is estimated: a difference, or the one arm."""
        return dict(zip(self.arms, (1.0, -1.0), strict=False))


class Estimand(PlanPart):
    """The five attributes of ICH E9(R1) A.3.3."""

    population: str
    treatment: TreatmentContrast
    endpoint: Name
    visit: Label | None = None
    intercurrent_events: dict[Label, Strategy] = Field(default_factory=dict)
    summary: Literal[
        "difference in means",
        "mean change",
        "difference in proportions",
        "proportion",
        "difference in restricted mean time",
        "restricted mean time",
        "hazard ratio",
        "time ratio",
        "rate ratio",
        "natural indirect effect",
        "incremental net monetary benefit",
    ]
