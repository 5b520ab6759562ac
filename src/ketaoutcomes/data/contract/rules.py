"""The contract that data keep before they are analysed: all faults in one pass."""

from collections.abc import Callable, Iterator
from typing import Final

from ketaoutcomes.data.contract import columns, harms, measured, subjects, times, visits
from ketaoutcomes.data.contract.parts import Contract
from ketaoutcomes.errors import Problem

__all__ = ["Contract", "contract_problems"]

RULES: Final[tuple[Callable[[Contract], Iterator[Problem]], ...]] = (
    columns.files_that_endpoints_need,
    columns.covariates_that_analyses_need,
    columns.columns_named_in_the_plan,
    columns.columns_found_in_their_file,
    columns.columns_found_in_some_file,
    columns.rows_kept,
    columns.numbers_in_one_notation,
    subjects.subject_told,
    subjects.subject_is_no_summary,
    subjects.subject_spelt_one_way,
    subjects.phase_known,
    subjects.arm_known,
    subjects.one_arm_a_phase,
    subjects.every_arm_present,
    subjects.every_subject_assigned,
    subjects.one_row_a_subject,
    subjects.one_end_of_follow_up,
    subjects.covariates_constant,
    subjects.levels_spelt_one_way,
    subjects.levels_not_cut_short,
    subjects.covariates_of_one_type,
    subjects.covariates_without_unit,
    subjects.weights_above_zero,
    visits.visit_known,
    visits.scale_known,
    visits.one_row_a_subject_and_visit,
    visits.scores_are_numbers,
    visits.scores_in_range,
    visits.baseline_constant,
    visits.baseline_agrees_with_its_visit,
    visits.baseline_told,
    visits.every_visit_has_scores,
    times.days_are_study_days,
    times.events_told,
    times.times_told,
    times.unit_of_times_known,
    times.event_is_yes_or_no,
    times.one_time_a_subject,
    times.entry_before_time,
    times.bounds_in_order,
    times.intervals_in_order,
    times.intervals_complete,
    harms.harm_named,
    harms.severity_known,
    harms.serious_and_related_known,
    harms.amounts_are_numbers,
    harms.days_of_doses_told,
    measured.tests_asked_for,
    measured.test_named,
    measured.results_are_numbers,
    measured.ranges_have_a_middle,
    measured.classes_known,
    measured.one_unit_a_test,
    measured.one_baseline_a_test,
)


def contract_problems(contract: Contract) -> tuple[Problem, ...]:
    """Every way in which the tables break the contract, in the order of the rules."""
    return tuple(problem for rule in RULES for problem in rule(contract))
