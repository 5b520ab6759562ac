"""All safety tables of a report."""

from typing import Final

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.describe.safety.adverse_events import (
    Comparing,
    adverse_event_overview,
    adverse_events_by_term,
)
from ketaoutcomes.describe.safety.dose_levels import dose_level_table
from ketaoutcomes.describe.safety.exposure import exposure_table
from ketaoutcomes.describe.safety.laboratory import laboratory_tables
from ketaoutcomes.describe.safety.listings import listings
from ketaoutcomes.describe.safety.population import safety_population
from ketaoutcomes.describe.safety.rare_events import rare_events
from ketaoutcomes.describe.safety.rates import exposure_adjusted_rates
from ketaoutcomes.describe.safety.severity import severity_tables
from ketaoutcomes.describe.safety.shifts import shift_tables
from ketaoutcomes.describe.safety.vital_signs import series_of, vital_sign_tables
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result

OF_DOSES: Final = ("day", "dose", "unit", "route")


def safety_tables(plan: AnalysisPlan, cohort: Cohort) -> tuple[Result, ...]:
    """The tables of the plan's `safety:` block; nothing without one."""
    if plan.safety is None:
        return ()
    level = plan.report.confidence_level
    how = Comparing(level, plan.safety.p_values)
    rows: list[Result] = []
    for phase in plan.safety.phases or tuple(plan.phases):
        people = safety_population(plan, cohort, phase)
        here = cohort.exposure["phase"] == phase
        given = people.placed(cohort.exposure.loc[here, ["subject", *OF_DOSES]])
        rows += exposure_table(people, cohort, given)
        rows += dose_level_table(people, given, plan.smallest_cell)
        del given  # as large as the cohort's own
        rows += adverse_event_overview(people, how)
        rows += adverse_events_by_term(people, how)
        rows += severity_tables(people)
        rows += exposure_adjusted_rates(people, level)
        rows += rare_events(people, plan.safety.rare_events, level)
        rows += vital_sign_tables(plan, cohort, people, level)
        rows += shift_tables(people.arms, series_of(plan, cohort, people))
        rows += laboratory_tables(plan, cohort, people, level)
        rows += listings(people, plan.safety)
    return tuple(rows)
