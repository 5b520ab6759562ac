"""The endpoint of an analysis that fills in missing scores: nobody is left out for a gap."""

from dataclasses import replace

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.change import Incomplete
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.endpoints.derive import DERIVATIONS
from ketaoutcomes.families.imputation.directions import shift_warnings
from ketaoutcomes.families.imputation.plan import ImputationPart
from ketaoutcomes.plan import AnalysisPlan


def derive_incomplete(plan: AnalysisPlan, name: str, cohort: Cohort) -> EndpointData:
    """Change, response or remission with its gaps, and the event that came before each visit."""
    analysis = plan.analyses[name]
    assert isinstance(analysis, ImputationPart)
    asked = Incomplete(tuple(analysis.after), analysis.missing_baseline != "excluded")
    kind = plan.endpoints[plan.estimands[analysis.estimand].endpoint].kind
    data = DERIVATIONS[kind](plan, analysis.estimand, cohort, analysis.covariate_names, asked)
    return replace(data, remarks=(*data.remarks, *shift_warnings(plan, name)))
