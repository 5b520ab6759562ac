"""Analyses of how an effect depends on the dose."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ketaoutcomes.families.shared.plan import RepeatedMeasuresPart
from ketaoutcomes.plan.parts import Name, PlanPart, meanings, spoken
from ketaoutcomes.vocabulary import (
    COVARIANCE_MEANINGS,
    COVARIANCE_NAMES,
    NO_COVARIANCE,
    CovarianceStructure,
)

FEWEST_DOSES = 3


class CandidateShape(PlanPart):
    """A shape that the dose response may have, with what must be guessed of it."""

    shape: Annotated[
        Literal["linear", "log_linear", "emax", "sigmoid_emax", "exponential"],
        spoken({"sigmoid_emax": ("sigemax", "hill")}),
    ] = Field(
        description="Candidate shape of the dose-response curve.",
        examples=["emax"],
        json_schema_extra=meanings(
            {
                "linear": "A straight line in the dose.",
                "log_linear": "A straight line in the logarithm of the dose plus an offset.",
                "emax": "An effect that levels off at a maximum.",
                "sigmoid_emax": "An S-shaped curve that levels off at a maximum.",
                "exponential": "An effect that grows ever faster with the dose.",
            }
        ),
    )
    parameter: float = Field(
        default=1,
        gt=0,
        description=(
            "Guessed value of the parameter of the shape, in units of the dose. It is the"
            " ED50 (Emax shapes), delta (exponential) or the offset (log-linear)."
        ),
        examples=[0.2],
    )
    hill: float = Field(
        default=1,
        gt=0,
        description="Hill coefficient, the steepness of `sigmoid_emax`.",
        examples=[3],
    )


class DoseResponseAnalysis(RepeatedMeasuresPart):
    """Candidate shapes tested together, all doses against the reference, and an Emax curve.

    All from the LS means at the estimand's visit of a mixed model for repeated measures.
    """

    model: Literal["dose_response"]
    doses: dict[Name, float] = Field(
        description="Dose of each arm; the reference has dose 0.",
        examples=[{"placebo": 0, "low": 0.2, "high": 0.5}],
    )
    unit: str = Field(default="mg/kg", description="Unit of the doses.", examples=["mg/kg"])
    shapes: dict[Name, CandidateShape] = Field(
        min_length=1,
        description="Candidate shapes by name, fixed before the data are seen.",
        examples=[{"emax": {"shape": "emax", "parameter": 0.2}}],
    )
    covariance: tuple[
        Annotated[CovarianceStructure, spoken(COVARIANCE_NAMES, NO_COVARIANCE)], ...
    ] = Field(
        default=("us",),
        min_length=1,
        strict=False,
        description="Covariance structures of the MMRM behind the doses, tried in this order.",
        examples=[["us", "ar1h"]],
        json_schema_extra=meanings(COVARIANCE_MEANINGS),
    )

    @model_validator(mode="after")
    def _doses_differ(self) -> Self:
        values = list(self.doses.values())
        if len(set(values)) < FEWEST_DOSES or min(values) < 0:
            raise ValueError(f"`doses` needs {FEWEST_DOSES} different doses or more, none below 0")
        return self
