"""The `power:` block: how a design is tried on many synthetic trials."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from ketaoutcomes.plan.parts import Name, PlanPart

Effect = Literal["scenario", "new_trials", "none", "in_turn"]
TrialSize = Annotated[int, Field(ge=4, le=1_000_000)]
Share = Annotated[float, Field(gt=0.05, lt=1)]


class PowerBlock(PlanPart):
    """Trials of each size, with the scenario's effect and with none, analysed as the plan says."""

    analyses: tuple[Name, ...] = Field(
        default=(), strict=False, description="analyses to look at; default: the primary ones"
    )
    families: tuple[Name, ...] = Field(
        default=(),
        strict=False,
        description="families of `multiplicity` whose procedure is carried out in every trial",
    )
    subjects: tuple[TrialSize, ...] = Field(
        default=(200,), min_length=1, strict=False, description="sizes of the trial"
    )
    effect: tuple[Effect, ...] = Field(
        default=("scenario", "new_trials", "none", "in_turn"),
        min_length=1,
        strict=False,
        description="scenario: the effects that it states, which give the power; new_trials: each "
        "trial has a drug effect and a placebo response of its own, as published trials differ, "
        "which gives the assurance; none: both arms are treated as the "
        "reference, which gives the type I error; in_turn: hypotheses of a family lose their "
        "effect one after the other, where the rest can keep theirs",
    )
    targets: tuple[Share, ...] = Field(
        default=(0.8, 0.9),
        strict=False,
        description="power for which the number of subjects is found, from two sizes on",
    )
    replicates: int = Field(default=1000, ge=2, le=1_000_000)
    seed: int = Field(default=1, ge=0, lt=2**63)
    cluster: str | None = Field(
        default=None,
        description="address of a Dask scheduler, or `local`; default: processes of this machine",
    )

    @field_validator("subjects", "effect", "families", "targets")
    @classmethod
    def _each_once(cls, values: tuple[object, ...]) -> tuple[object, ...]:
        twice = sorted({str(value) for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice")
        return values
