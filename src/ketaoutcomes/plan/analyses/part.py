"""What every analysis of a plan has in common."""

from typing import ClassVar

from pydantic import Field

from ketaoutcomes.plan.parts import Name, PlanPart
from ketaoutcomes.vocabulary import EndpointKind, Role


class AnalysisPart(PlanPart):
    """What every analysis says, and which endpoints it can take."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]]

    estimand: Name
    role: Role
    margin: float | None = Field(
        default=None,
        gt=0,
        description="non-inferiority margin: how much worse than the reference is acceptable, in "
        "the unit of the estimate, or as a ratio above 1",
    )

    @property
    def covariate_names(self) -> tuple[Name, ...]:
        """Covariates and strata that the analysis needs of each subject."""
        return ()
