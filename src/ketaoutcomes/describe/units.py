"""In which unit a score is, and with how many decimals it is written."""

from collections.abc import Iterable
from dataclasses import replace

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result, ResultTable
from ketaoutcomes.scales import POINTS, Scale

BASELINE_TABLE, VITAL_SIGNS = "dmt01", ("vst01", "vst02")


def with_units(plan: AnalysisPlan, rows: Iterable[Result]) -> tuple[Result, ...]:
    """The rows with the unit of their scale where it is another than points."""
    units = {name: scale.unit for name, scale in _scales(plan).items()}
    return tuple(
        replace(row, unit=row.unit.replace(POINTS, units[row.endpoint]))
        if row.unit.startswith(POINTS) and units.get(row.endpoint, POINTS) != POINTS
        else row
        for row in rows
    )


def with_decimals(plan: AnalysisPlan, results: ResultTable) -> ResultTable:
    """The results, those in the unit of a scale with the decimals that the scale asks for."""
    scales = _scales(plan)
    return ResultTable(
        tuple(
            row if (scale := _scale(plan, scales, row)) is None else _written(row, scale)
            for row in results.rows
        )
    )


def _written(row: Result, scale: Scale) -> Result:
    return row if scale.decimals is None else replace(row, decimals=scale.decimals)


def _scales(plan: AnalysisPlan) -> dict[str, Scale]:
    """Endpoint -> its scale, where it rests on one."""
    named = {name: getattr(endpoint, "scale", None) for name, endpoint in plan.endpoints.items()}
    return {name: plan.scale(scale) for name, scale in named.items() if scale is not None}


def _scale(plan: AnalysisPlan, scales: dict[str, Scale], row: Result) -> Scale | None:
    """The scale in whose unit a number is, if it is in one."""
    if row.table == BASELINE_TABLE and row.group == "baseline":
        return plan.baseline_scale(row.phase)
    if row.table in VITAL_SIGNS:
        name = row.group.partition(": ")[0]
        counted = row.statistic in ("n", "proportion") or "time" in row.statistic
        return None if counted else plan.scale(name)
    scale = scales.get(row.endpoint)
    return scale if scale is not None and row.unit == scale.unit else None
