"""Every result that has a second program is computed again by it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.errors import unexpected
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import DIFFERS, Result
from ketaoutcomes.second.check import Check, disagreements
from ketaoutcomes.second.derivations import check_derivation
from ketaoutcomes.second.descriptions import check_descriptions
from ketaoutcomes.second.multiplicity import check_multiplicity

HEADLINE_ROLES: Final = ("primary", "secondary")
"""The roles of the analyses that answer the study's questions."""


@dataclass(frozen=True)
class Checked:
    """What the second programs gave, and why some gave nothing."""

    checks: tuple[Check, ...] = ()
    remarks: tuple[Remark, ...] = ()


def second_checks(
    plan: AnalysisPlan,
    cohort: Cohort,
    endpoints: Mapping[str, EndpointData],
    results: tuple[Result, ...],
) -> Checked:
    """The checks of all analyses and of the families of hypotheses.

    A second program that breaks down is told in a remark; it never takes a run down.

    Parameters
    ----------
    endpoints : mapping
        The endpoint of each analysis, as derived and before anything is imputed.
    """
    if plan.check == "none":
        return Checked()
    parts = [
        *(_of_analysis(plan, name, endpoints[name], results) for name in endpoints),
        _guarded("", lambda: check_multiplicity(plan, endpoints, results)),
    ]
    if plan.check == "all":
        parts += [
            *(_derived(plan, name, cohort, endpoints[name], results) for name in endpoints),
            _guarded("", lambda: check_descriptions(plan, cohort, results)),
        ]
    return Checked(
        tuple(check for part in parts for check in part.checks),
        tuple(remark for part in parts for remark in part.remarks),
    )


def _derived(
    plan: AnalysisPlan,
    name: str,
    cohort: Cohort,
    endpoint: EndpointData,
    results: tuple[Result, ...],
) -> Checked:
    return _guarded(name, lambda: check_derivation(plan, name, cohort, endpoint, results))


def _of_analysis(
    plan: AnalysisPlan, name: str, endpoint: EndpointData, results: tuple[Result, ...]
) -> Checked:
    analysis = plan.analyses[name]
    model = model_of(analysis)
    second = model.second
    if plan.check == "headline" and analysis.role not in HEADLINE_ROLES:
        return Checked()
    if second is None or not any(row.estimate is not None for row in _of(name, results)):
        return Checked()
    if model.second_rows is not None and len(endpoint.frame) > model.second_rows:
        return Checked((), (_too_many(model.second_rows).of(name),))
    estimand = plan.estimands[analysis.estimand]
    return _guarded(name, lambda: second(plan, name, analysis, estimand, endpoint, results))


def _too_many(most: int) -> Remark:
    """Why the numbers of an analysis of a large trial are not checked."""
    return Remark(
        f"The numbers were not checked by a second program: it takes the rows one by one, and "
        f"there are more than {most:,} rows"
    )


def _guarded(name: str, make: Callable[[], tuple[Check, ...]]) -> Checked:
    """The checks; or, where the second program breaks down, a remark that says so."""
    try:
        return Checked(make())
    except Exception as error:  # noqa: BLE001 - a witness that breaks down is no error of the run
        why = unexpected(error, "the second program")
        told = Remark(f"Some numbers could not be checked by a second program: {why}")
        return Checked((), (told.of(name) if name else told,))


def _of(name: str, results: Iterable[Result]) -> Iterable[Result]:
    return (row for row in results if row.analysis == name)


def with_checks(rows: Iterable[Result], checks: Iterable[Check]) -> tuple[Result, ...]:
    """The rows with the programs that checked them, or from which they differ."""
    of_row: dict[str, list[Check]] = {}
    for check in checks:
        of_row.setdefault(check.result, []).append(check)
    return tuple(
        replace(row, checked_by=_in_words(of_row[row.id])) if row.id in of_row else row
        for row in rows
    )


def _in_words(checks: list[Check]) -> str:
    programs = "; ".join(dict.fromkeys(check.program for check in checks))
    lost = ", ".join(check.quantity for check in disagreements(checks))
    return f"{DIFFERS} {programs} in {lost}" if lost else programs


def shown_checks(checks: Iterable[Check], rows: Iterable[Result]) -> tuple[Check, ...]:
    """The checks of numbers that the results still show: none of what was suppressed."""
    of_id = {row.id: row for row in rows}
    return tuple(check for check in checks if _is_shown(check, of_id.get(check.result)))


def _is_shown(check: Check, row: Result | None) -> bool:
    if row is None:
        return False
    return bool(getattr(row, check.quantity) == check.first)
