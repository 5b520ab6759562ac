"""Each analysis of the plan is derived, prepared and fitted by its own family."""

from typing import Any

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.deferred import import_now
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.endpoints.derive import Derived, derive_by_kind
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan


def derive_endpoint(
    plan: AnalysisPlan, name: str, cohort: Cohort, before: Derived | None = None
) -> EndpointData:
    """Derive the endpoint of an analysis with the covariates and strata that it uses.

    Parameters
    ----------
    before : dict, optional
        As of `derive_by_kind`.

    Raises
    ------
    DataError
        If the cohort lacks subjects or a covariate.
    PlanError
        If the estimand handles an intercurrent event in a way that its endpoint cannot.
    """
    own = model_of(plan.analyses[name]).derive
    if own is None:
        return derive_by_kind(plan, name, cohort, before)
    derived: EndpointData = own(plan, name, cohort)
    return derived


def derive_truth(plan: AnalysisPlan, name: str, cohort: Cohort) -> EndpointData:
    """Derive the endpoint of an analysis where everybody had one treatment and all was observed.

    Nothing is then to be imputed, and of a crossover the period of the estimand is what is asked
    for: later periods hold what earlier ones carried over.
    """
    derive = model_of(plan.analyses[name]).derive_truth or derive_by_kind
    derived: EndpointData = derive(plan, name, cohort)
    return derived


def import_what_fits(plan: AnalysisPlan) -> None:
    """Import what the analyses of a plan call, once for all processes that then fit them."""
    for analysis in plan.analyses.values():
        model = model_of(analysis)
        import_now(model.prepare, model.fit)


def fit_analysis(plan: AnalysisPlan, name: str, endpoint: EndpointData) -> Fitted:
    """Fit one analysis to its endpoint, made ready as its model asks: imputed, for one.

    Raises
    ------
    TypeError
        If the model and the endpoint do not fit; the plan reader refuses such a plan before.
    """
    analysis = plan.analyses[name]
    model = model_of(analysis)
    ready: Any = model.prepare(plan, name, endpoint) if model.prepare else endpoint
    if not isinstance(ready, model.takes):
        raise TypeError(f"{analysis.model} does not fit a {type(ready).__name__}")
    estimand = plan.estimands[analysis.estimand]
    fitted: Fitted = model.fit(name, analysis, estimand, ready, plan.report.confidence_level)
    return fitted
