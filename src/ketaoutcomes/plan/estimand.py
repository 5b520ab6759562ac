"""Estimands: what is to be estimated, apart from how."""

from typing import Annotated, Any, Final, Self

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from ketaoutcomes.families.registry import (
    main_results,
    no_summaries,
    summary_meanings,
    summary_names,
)
from ketaoutcomes.plan.parts import (
    INSTEAD,
    MEANINGS,
    SYNONYMS,
    Label,
    Name,
    PlanPart,
    in_style,
    meanings,
    spoken,
)
from ketaoutcomes.vocabulary import NO_STRATEGY, STRATEGY_NAMES, Strategy

MOST_NAMES: Final = 5
"""Other names of a summary that its meaning lists; all are read."""


class _OneThatIsEstimated:
    """Stands for the summaries that the families of analyses estimate, known once loaded."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._known)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "enum": list(main_results()),
            "type": "string",
            SYNONYMS: {name: list(others) for name, others in summary_names().items()},
            INSTEAD: dict(no_summaries()),
            MEANINGS: {in_style(name): _meaning(name) for name in main_results()},
        }

    @staticmethod
    def _known(summary: object) -> object:
        """The summary, or the fault that a closed list of words has."""
        if not isinstance(summary, str) or summary not in main_results():
            *first, last = (f"'{name}'" for name in main_results())
            expected = f"{', '.join(first)} or {last}"
            raise PydanticKnownError("literal_error", {"expected": expected})
        return summary


Summary = Annotated[str, _OneThatIsEstimated]
"""A population-level summary (ICH E9(R1) A.3.3) that some family of analyses estimates."""


def _meaning(summary: str) -> str:
    """What a summary is, with the most common of its other names."""
    meaning = summary_meanings().get(summary, f"{summary[0].upper()}{summary[1:]}.")
    others = summary_names().get(summary, ())[:MOST_NAMES]
    return f"{meaning} Also called {', '.join(others)}." if others else meaning


class TreatmentContrast(PlanPart):
    """The two arms compared: active minus reference; without `reference`, one arm by itself."""

    active: Name = Field(description="Arm whose effect is estimated.", examples=["esketamine"])
    reference: Name = Field(
        default="",
        description="Arm that it is compared with; left out where the phase has one arm.",
        examples=["placebo"],
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

    population: str = Field(
        description="Population: the participants whom the question is about.",
        examples=["Adults with treatment-resistant depression, as randomised"],
    )
    treatment: TreatmentContrast = Field(
        description="Treatment condition, and the one it is compared with.",
        examples=[{"active": "esketamine", "reference": "placebo"}],
    )
    endpoint: Name = Field(
        description="Name of the endpoint, the variable of ICH E9(R1), from `endpoints`.",
        examples=["madrs_change"],
    )
    visit: Label | None = Field(
        default=None,
        description="Visit at which the endpoint is compared. A time to event has none.",
        examples=["Day 28"],
    )
    intercurrent_events: dict[Label, Annotated[Strategy, spoken(STRATEGY_NAMES, NO_STRATEGY)]] = (
        Field(
            default_factory=dict,
            description="Strategy for each intercurrent event.",
            examples=[{"treatment discontinuation": "treatment_policy"}],
            json_schema_extra=meanings(
                {
                    "treatment_policy": "Outcomes count whether or not the event occurred.",
                    "hypothetical": "The outcome if the event had not occurred.",
                    "composite": "The event is part of the outcome, such as a failure.",
                    "while_on_treatment": "Outcomes count until the event.",
                    "principal_stratum": "Those without the event on either treatment.",
                }
            ),
        )
    )
    summary: Summary = Field(
        description="Population-level summary that the analysis estimates.",
        examples=["difference_in_means"],
    )
    label: Label | None = Field(
        default=None,
        description="What the report calls the estimand; else its endpoint and visit.",
        examples=["Treatment-policy estimand"],
    )
