"""What every analysis of a plan has in common."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from ketaoutcomes.plan.parts import Label, Name, PlanPart, meanings, spoken
from ketaoutcomes.vocabulary import NO_ROLE, EndpointKind, Role

TicksEveryDays = Annotated[
    float | None,
    Field(
        gt=0,
        description="Days between the times at which the number at risk is shown. The default "
        "gives five to eight times over follow-up.",
        examples=[28],
    ),
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

    estimand: Name = Field(
        description="Name of the estimand that the analysis estimates, from the block `estimands`.",
        examples=["main"],
    )
    role: Annotated[Role, spoken({}, NO_ROLE)] = Field(
        description="Role of the analysis in the study.",
        examples=["primary"],
        json_schema_extra=meanings(
            {
                "primary": "It answers the question of the study.",
                "secondary": "It answers another planned question.",
                "sensitivity": "It estimates the same estimand under other assumptions.",
                "supplementary": "It gives further insight and supports no claim.",
            }
        ),
    )
    label: Label | None = Field(
        default=None,
        description="Name of the analysis in the report. The default is its method.",
        examples=["Jump-to-reference multiple imputation"],
    )
    margin: float | None = Field(
        default=None,
        gt=0,
        description=(
            "Non-inferiority margin: how much worse than the reference is acceptable. It "
            "is in the unit of the estimate, or a ratio above 1."
        ),
        examples=[2],
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
