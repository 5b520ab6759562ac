"""Parametric models have no likelihood with delayed entry."""

from collections.abc import Iterator

from ketaoutcomes.families.parametric_survival.plan import ParametricSurvivalPart
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.reading.dangling import Dangling
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase


def entry_is_delayed(
    plan: AnalysisPlan,
    path: Path,
    analysis: ParametricSurvivalPart,
    estimand: Estimand,
    _phase: Phase | None,
) -> Iterator[Dangling]:
    """Recorded times of which observation began later than the time itself."""
    endpoint = plan.endpoints.get(estimand.endpoint)
    recorded = endpoint is not None and endpoint.kind == "time_to_event"
    if recorded and plan.data.file_columns.entry is not None:
        yield Dangling(
            (*path, "model"),
            "",
            "a model that takes delayed entry, as `data.columns.entry` has it",
            f"`{analysis.model}`, which takes every participant as observed from time 0",
            remedy="use `time_to_event`, or remove `entry` if observation began at time 0",
        )
