"""What a comparison of proportions presumes of outcomes that are missing."""

from collections.abc import Iterator

from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand_finding import EstimandFinding

NRC = "National Research Council 2010, The Prevention and Treatment of Missing Data, rec. 10"
EMA = "EMA guideline on missing data in confirmatory trials, 2010, section 6"


def carried_forward(
    _plan: AnalysisPlan, name: str, analysis: ProportionAnalysis
) -> Iterator[EstimandFinding]:
    """The last observation carried forward is no primary analysis."""
    if analysis.missing_as == "last observation":
        primary = analysis.role == "primary"
        yield EstimandFinding(
            ("analyses", name, "missing_as"),
            "single imputation is not the primary way to handle missing data"
            if primary
            else "carrying the last observation forward assumes no change after dropout",
            "`last observation` carried forward",
            "write `missing_as: failure` (non-responder imputation), or impute under an assumption"
            if primary
            else "Read it as a comparison with older trials",
            f"{NRC}; {EMA}",
            refused=primary,
            for_reader="Missing outcomes are replaced by the last observation, which assumes no "
            "change after dropout.",
        )


def complete_cases(
    _plan: AnalysisPlan, name: str, analysis: ProportionAnalysis
) -> Iterator[EstimandFinding]:
    """Leaving out subjects without an outcome presumes that they are like the others."""
    excluded = analysis.missing_as == "excluded"
    if excluded and analysis.role == "primary":
        yield EstimandFinding(
            ("analyses", name, "missing_as"),
            "a primary analysis keeps all randomised participants",
            "participants without an outcome are excluded",
            "Use non-responder imputation (`missing_as: failure`), or impute them",
            EMA,
            refused=False,
            for_reader="Participants without an outcome are excluded, which assumes that they are "
            "like the others.",
        )
