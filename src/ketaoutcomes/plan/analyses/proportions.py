"""Analyses of success or failure at a visit."""

from typing import ClassVar, Literal

from ketaoutcomes.plan.analyses.part import AnalysisPart
from ketaoutcomes.vocabulary import EndpointKind


class ProportionAnalysis(AnalysisPart):
    """Proportions in two arms; a subject with no outcome counts as `missing_as` says."""

    endpoint_kinds: ClassVar[tuple[EndpointKind, ...]] = ("response", "remission")

    model: Literal["proportions"]
    missing_as: Literal["failure", "excluded"] = "failure"
