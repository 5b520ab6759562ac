"""Missing data by visit and by pattern."""

from ketaoutcomes.report.blocks import Cell, Prose, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, arms_of, endpoint_title, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_and_share
from ketaoutcomes.results import Result

PATTERNS = {
    "complete": "Complete: assessed at every visit",
    "dropped out": "Monotone (dropout): missing from a visit onwards",
    "intermittent": "Intermittent (non-monotone)",
}


def missing_section(material: Material) -> Section | None:
    """One table an endpoint: subjects missing at each visit, and patterns."""
    endpoints = dict.fromkeys(row.endpoint for row in material.results.select(table="mist01"))
    if not endpoints:
        return None
    tables = tuple(_endpoint_table(material, endpoint) for endpoint in endpoints)
    words = Prose(
        (
            "Scores are counted as missing if not recorded, or if recorded after an "
            "intercurrent event handled by the hypothetical strategy and therefore not "
            "used.",
        )
    )
    return Section("missing", "Missing data", (words, *tables))


def _endpoint_table(material: Material, endpoint: str) -> Table:
    plan = material.plan
    rows = material.results.select(table="mist01", endpoint=endpoint)
    phase = plan.endpoints[endpoint].phase
    arms = tuple(arm for arm in arms_of(plan, phase) if any(row.arm == arm for row in rows))
    visits = dict.fromkeys(row.visit for row in rows if row.statistic == "missing")
    patterns = dict.fromkeys(row.group for row in rows if row.statistic == "pattern")

    def texts(statistic: str, visit: str, group: str) -> list[Cell]:
        found = {
            row.arm: row
            for row in rows
            if (row.statistic, row.visit, row.group) == (statistic, visit, group)
        }
        return [_share(found.get(arm)) for arm in arms]

    lines = [
        (Cell("Missing, by visit", header=True),),
        *(table_row(visit, texts("missing", visit, endpoint), indent=1) for visit in visits),
    ]
    derived = dict.fromkeys(row.visit for row in rows if row.statistic == "derived")
    if derived:
        lines.append(
            (Cell("Not observed but derived (such as carried forward), by visit", header=True),)
        )
        lines += [table_row(v, texts("derived", v, endpoint), indent=1) for v in derived]
    if patterns:
        of_observed = " (observed scores)" if derived else ""
        lines.append((Cell(f"Missing-data pattern{of_observed}", header=True),))
    lines.extend(
        table_row(_pattern(name), texts("pattern", "", name), indent=1) for name in patterns
    )
    return Table(
        id=f"mist01-{endpoint}",
        caption=f"Missing data. {endpoint_title(plan, endpoint)}. {plan.phases[phase].label}",
        columns=("", *(arm_label(plan, phase, arm) for arm in arms)),
        rows=tuple(lines),
        footnotes=("n (%) of participants included in the analysis.",),
    )


def _pattern(group: str) -> str:
    """Words for a pattern, which stands after the endpoint."""
    name = group.partition(": ")[2]
    return PATTERNS.get(name, titled(name))


def _share(row: Result | None) -> Cell:
    return told_by(count_and_share(row, row.n if row else None), row)
