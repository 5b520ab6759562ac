"""What every analysis of a plan has in common."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from ketaoutcomes.plan.parts import Label, Name, PlanPart, spoken
from ketaoutcomes.vocabulary import NO_ROLE, EndpointKind, Role

TicksEveryDays = Annotated[
    float | None,
    Field(gt=0, description="days between ticks; left out: five to eight ticks over follow-up"),
]
"""How far apart are the days at which a curve is read."""


class AnalysisPart(PlanPart):
    """What every analysis says, and which endpoints it can take."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]]
    fits_one_arm: ClassVar[bool] = False
    """Whether the model says something of an arm that is compared with none."""
    comparing_keys: ClassVar[tuple[str, ...]] = ("margin",)
    """What a plan can ask of the model only where arms are compared."""

    if TYPE_CHECKING:

        @property
        def model(self) -> str:
            """The name of the model, a Literal of each analysis."""

    estimand: Name
    role: Annotated[Role, spoken({}, NO_ROLE)]
    label: Label | None = Field(
        default=None, description="what the report calls the analysis; default: its method"
    )
    margin: float | None = Field(
        default=None,
        gt=0,
        description="non-inferiority margin: how much worse than the reference is acceptable, in "
        "the unit of the estimate, or as a ratio above 1",
    )

    @property
    def covariate_names(self) -> tuple[str, ...]:
        """Covariates and strata that the analysis needs of each subject."""
        return ()

    @property
    def covariates_by_visit(self) -> tuple[str, ...]:
        """Those of the covariates whose effect differs by visit."""
        return ()

    @property
    def weight_name(self) -> str | None:
        """The covariate that holds each subject's weight, if they differ in it."""
        return None
