"""Estimands: what is to be estimated, apart from how."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.plan.parts import Label, Name, PlanPart
from ketaoutcomes.vocabulary import Strategy


class TreatmentContrast(PlanPart):
    """The two arms compared: active minus reference."""

    active: Name
    reference: Name

    @model_validator(mode="after")
    def _two_arms(self) -> Self:
        if self.active == self.reference:
            raise ValueError("`active` and `reference` must be two different arms")
        return self


class Estimand(PlanPart):
    """The five attributes of ICH E9(R1) A.3.3."""

    population: str
    treatment: TreatmentContrast
    endpoint: Name
    visit: Label | None = None
    intercurrent_events: dict[Label, Strategy] = Field(default_factory=dict)
    summary: Literal[
        "difference in means",
        "difference in proportions",
        "difference in restricted mean time",
        "hazard ratio",
        "time ratio",
        "rate ratio",
        "natural indirect effect",
        "incremental net monetary benefit",
    ]
