"""Analyses of events that few subjects have."""

from typing import ClassVar, Literal

from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.vocabulary import OF_YES_OR_NO, EndpointKind


class IncidenceAnalysis(AnalysisPart):
    """Exact intervals of the share of each arm, and a score interval of their difference."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("incidence", *OF_YES_OR_NO)
    fits_one_arm: ClassVar[bool] = True

    model: Literal["incidence"]
    missing_as: Literal["no event", "excluded"] = "excluded"
