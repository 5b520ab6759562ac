"""What every analysis of a plan has in common."""

from typing import ClassVar

from ketaoutcomes.plan.parts import Name, PlanPart
from ketaoutcomes.vocabulary import EndpointKind, Role


class AnalysisPart(PlanPart):
    """What every analysis says, and which endpoints it can take."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]]

    estimand: Name
    role: Role

    @property
    def covariate_names(self) -> tuple[Name, ...]:
        """Covariates and strata that the analysis needs of each subject."""
        return ()
