"""Analyses of how an effect depends on the dose."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.families.shared.plan import RepeatedMeasuresPart
from ketaoutcomes.plan.parts import Name, PlanPart, spoken
from ketaoutcomes.vocabulary import COVARIANCE_NAMES, NO_COVARIANCE, CovarianceStructure

FEWEST_DOSES = 3


class CandidateShape(PlanPart):
    """A shape that the dose response may have, with what must be guessed of it."""

    shape: Annotated[
        Literal["linear", "log_linear", "emax", "sigmoid_emax", "exponential"],
        spoken({"sigmoid_emax": ("sigemax", "hill")}),
    ]
    parameter: float = Field(
        default=1,
        gt=0,
        description="ED50 of the Emax shapes, delta of the exponential, offset of the log-linear",
    )
    hill: float = Field(default=1, gt=0)


class DoseResponseAnalysis(RepeatedMeasuresPart):
    """Candidate shapes tested together, all doses against the reference, and an Emax curve.

    All from the LS means at the estimand's visit of a mixed model for repeated measures.
    """

    model: Literal["dose_response"]
    doses: dict[Name, float] = Field(description="dose of each arm, 0 for the reference")
    unit: str = "mg/kg"
    shapes: dict[Name, CandidateShape] = Field(min_length=1)
    covariance: tuple[
        Annotated[CovarianceStructure, spoken(COVARIANCE_NAMES, NO_COVARIANCE)], ...
    ] = Field(default=("us",), min_length=1, strict=False)

    @model_validator(mode="after")
    def _doses_differ(self) -> Self:
        values = list(self.doses.values())
        if len(set(values)) < FEWEST_DOSES or min(values) < 0:
            raise ValueError(f"`doses` needs {FEWEST_DOSES} different doses or more, none below 0")
        return self
