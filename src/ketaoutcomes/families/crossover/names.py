"""Periods of a crossover that are not alike, or that the plan does not define."""

from collections.abc import Iterator

from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.results import Result


def names(
    plan: AnalysisPlan,
    path: Path,
    analysis: CrossoverAnalysis,
    estimand: Estimand,
    phase: Phase | None,
) -> Iterator[Dangling]:
    """Periods that are phases, each once, of the same arms and visits; one is the estimand's."""
    if phase is None:
        return
    for index, period in enumerate(analysis.periods):
        at: Path = (*path, "periods", index)
        yield from named(at, period, "a phase", tuple(plan.phases))
        if period in analysis.periods[:index]:
            yield Dangling(at, "", "each period once", f"`{period}` again", remedy="remove it")
    known = [period for period in analysis.periods if period in plan.phases]
    for period in known[1:]:
        yield from _unlike(plan, (*path, "periods"), known[0], period)
    target = plan.endpoints[estimand.endpoint].phase
    if target not in analysis.periods:
        yield Dangling(
            (*path, "periods"),
            target,
            "periods among which is the phase of the estimand's endpoint",
            f"{', '.join(analysis.periods)}, and an endpoint of phase `{target}`",
            remedy=f"add `{target}`, or take an endpoint of one of the periods",
        )


def _unlike(plan: AnalysisPlan, path: Path, first: str, period: str) -> Iterator[Dangling]:
    """Arms or visits that a period does not share with the first."""
    phases = plan.phases[first], plan.phases[period]
    for what, (one, other) in (
        ("arms", [set(phase.arms) for phase in phases]),
        ("visits", [set(phase.schedule()) for phase in phases]),
    ):
        if one != other:
            odd = ", ".join(f"`{name}`" for name in sorted(one ^ other))
            yield Dangling(
                path,
                "",
                f"periods of the same {what}, as each treatment is compared at each visit in all",
                f"{what} that `{first}` and `{period}` do not share: {odd}",
                remedy=f"name the {what} alike in both phases",
            )


def asked(analysis: CrossoverAnalysis, row: Result) -> bool:
    """Carry-over is asked for where the plan writes so; by default it comes along."""
    return row.statistic == "carry-over" and "carryover" in analysis.model_fields_set
