"""The `power:` block: how a design is tried on many synthetic trials."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from ketaoutcomes.plan.parts import Name, PlanPart

Effect = Literal["scenario", "none"]
TrialSize = Annotated[int, Field(ge=4, le=1_000_000)]


class PowerBlock(PlanPart):
    """Trials of each size, with the scenario's effect and with none, analysed as the plan says."""

    analyses: tuple[Name, ...] = Field(
        default=(), strict=False, description="analyses to look at; default: the primary ones"
    )
    subjects: tuple[TrialSize, ...] = Field(
        default=(200,), min_length=1, strict=False, description="sizes of the trial"
    )
    effect: tuple[Effect, ...] = Field(
        default=("scenario", "none"),
        min_length=1,
        strict=False,
        description="none: both arms are treated as the reference, which gives the type I error",
    )
    replicates: int = Field(default=1000, ge=2, le=1_000_000)
    seed: int = Field(default=1, ge=0, lt=2**63)
    cluster: str | None = Field(
        default=None,
        description="address of a Dask scheduler, or `local`; default: processes of this machine",
    )

    @field_validator("subjects")
    @classmethod
    def _each_once(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(sizes)) < len(sizes):
            raise ValueError("a size stands twice")
        return sizes
