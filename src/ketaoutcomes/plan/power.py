"""The `power:` block: how a design is tried on many synthetic trials."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from ketaoutcomes.plan.parts import Name, PlanPart, meanings

Effect = Literal["scenario", "new_trials", "none", "in_turn"]
TrialSize = Annotated[int, Field(ge=4, le=1_000_000)]
Share = Annotated[float, Field(gt=0.05, lt=1)]


class PowerBlock(PlanPart):
    """Trials of each size, with the scenario's effect and with none, analysed as the plan says."""

    analyses: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        description="Analyses whose power is estimated. The default is the primary ones.",
        examples=[["primary"]],
    )
    families: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Families of `multiplicity` whose procedure is applied in every simulated trial."
        ),
        examples=[["confirmatory"]],
    )
    subjects: tuple[TrialSize, ...] = Field(
        default=(200,),
        min_length=1,
        strict=False,
        description="Numbers of participants of the simulated trials.",
        examples=[[150, 200, 300]],
    )
    effect: tuple[Effect, ...] = Field(
        default=("scenario", "new_trials", "none", "in_turn"),
        min_length=1,
        strict=False,
        description="True effects for which trials are simulated.",
        examples=[["scenario", "none"]],
        json_schema_extra=meanings(
            {
                "scenario": "The effects of the scenario.",
                "new_trials": (
                    "Effects that differ from trial to trial as published ones do, which gives the "
                    "assurance."
                ),
                "none": "No effect, which gives the type I error.",
                "in_turn": "Hypotheses of a family lose their effect one after the other.",
            }
        ),
    )
    targets: tuple[Share, ...] = Field(
        default=(0.8, 0.9),
        strict=False,
        description="Power for which the number of participants is found, given two sizes or more.",
        examples=[[0.8, 0.9]],
    )
    replicates: int = Field(
        default=1000,
        ge=2,
        le=1_000_000,
        description="Number of simulated trials per size and effect.",
        examples=[1000],
    )
    seed: int = Field(
        default=1,
        ge=0,
        lt=2**63,
        description="Seed of the simulation; the same seed gives the same numbers.",
        examples=[1],
    )
    cluster: str | None = Field(
        default=None,
        description=(
            "Address of a Dask scheduler, or `local`. The default is the processors of "
            "this machine."
        ),
        examples=["local"],
    )

    @field_validator("subjects", "effect", "families", "targets")
    @classmethod
    def _each_once(cls, values: tuple[object, ...]) -> tuple[object, ...]:
        twice = sorted({str(value) for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice")
        return values
