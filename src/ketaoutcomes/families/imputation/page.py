"""Missing scores filled in: what each assumption makes of the result, and where it tips."""

from collections.abc import Iterator

from ketaoutcomes.families.imputation.page_tipping import tipping_blocks
from ketaoutcomes.families.imputation.plan import ImputationPart, TippingPointAnalysis
from ketaoutcomes.families.registry import main_results
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.report.blocks import Block, Callout, Cell, Section, Table
from ketaoutcomes.report.cells import all_told_by, table_row, told_by
from ketaoutcomes.report.labels import (
    arm_label,
    arms_of,
    endpoint_title,
    joined,
    model_title,
    plain,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    ABSENT,
    PERCENTAGES,
    count_and_share,
    count_of,
    estimate_with_limits,
    number,
    p_cell,
    percentage,
)
from ketaoutcomes.results import NOT_ESTIMATED, Result

COLUMNS = (
    *("SE", "df", "p"),
    *("MC error", "MC error of SE", "MC error of p", "Missing information"),
)
"""Of a table of analyses, after the assumption and the estimate."""
OF_A_TEST = ("p", "MC error of p")
"""Of these, what only a comparison has."""


def imputation_section(material: Material) -> Section | None:
    """Tables of the imputation analyses by estimand, and the tipping points."""
    names = [
        name
        for name, analysis in material.plan.analyses.items()
        if isinstance(analysis, ImputationPart)
    ]
    if not names:
        return None
    blocks: list[Block] = [*_failures(material, names)]
    tables = [
        name for name in names if not isinstance(material.plan.analyses[name], TippingPointAnalysis)
    ]
    for estimand in dict.fromkeys(material.plan.analyses[name].estimand for name in tables):
        of_estimand = [n for n in tables if material.plan.analyses[n].estimand == estimand]
        blocks.append(_table(material, estimand, of_estimand))
    blocks.extend(_counts(material, names))
    for name in names:
        blocks.extend(tipping_blocks(material, name))
    return Section("imputation", "Missing scores imputed", tuple(blocks))


def _failures(material: Material, names: list[str]) -> Iterator[Callout]:
    failed = tuple(
        f"{model_title(material.plan, row.analysis)}: {row.message}."
        for row in material.results.rows
        if row.analysis in names and row.status in NOT_ESTIMATED
    )
    if failed:
        yield Callout("Not estimated", failed, "warning")


def _table(material: Material, estimand: str, names: list[str]) -> Table:
    """One row an analysis."""
    target = material.plan.estimands[estimand]
    phase = material.plan.endpoints[target.endpoint].phase
    arms = " minus ".join(arm_label(material.plan, phase, arm) for arm in target.treatment.arms)
    what = f"{endpoint_title(material.plan, target.endpoint)} at {target.visit}"
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        main = material.main_result(name)
        rows.append(table_row(model_title(material.plan, name), _cells(material, name, main)))
        rows.extend(_further(material, name))
    percent = target.summary in PERCENTAGES
    estimate = _estimated(target)
    return Table(
        id=f"impt-{estimand}",
        caption=f"{what}, {arms}, missing scores imputed. Estimand: {plain(estimand)}",
        columns=("Assumption", f"{estimate} (CI)", *_columns(target)),
        rows=tuple(rows),
        footnotes=(
            "MC error: Monte-Carlo error, due to the number of imputations alone; a conditional "
            "mean has none. Missing information: share of the variance that is due to the missing "
            "scores." + (_in_percent(target) if percent else ""),
            *_about_borrowing(material, names),
        ),
    )


def _columns(target: Estimand) -> tuple[str, ...]:
    """What a table of an estimand shows after the assumption and the estimate."""
    compares = target.treatment.compares
    return tuple(column for column in COLUMNS if compares or column not in OF_A_TEST)


def _estimated(target: Estimand) -> str:
    """What an estimand asks for, in a word."""
    if target.treatment.compares:
        return "Difference"
    return "Proportion" if target.summary == "proportion" else "Mean"


def _in_percent(target: Estimand) -> str:
    """The unit of the estimates of a response."""
    if target.treatment.compares:
        return " Differences in percentage points."
    return " Proportions in per cent."


def _about_borrowing(material: Material, names: list[str]) -> Iterator[str]:
    """Why two standard errors of one assumption differ, where both are shown."""
    borrowing = {
        analysis.model
        for name in names
        if isinstance(analysis := material.plan.analyses[name], ImputationPart)
        and set(analysis.after.values()) - {"missing at random"}
    }
    if len(borrowing) > 1:
        yield (
            "Where scores are imputed from the reference arm, Rubin's rules give a standard error "
            "that does not fall for the information taken from there; that of the conditional mean "
            "is the spread of the estimate over repeated trials, which does."
        )


def _cells(material: Material, name: str, row: Result | None) -> list[Cell]:
    """Estimate, inference and Monte-Carlo errors of the main result."""
    columns = _columns(material.estimand(name))
    if row is None or row.estimate is None:
        return [told_by(estimate_with_limits(row), row), *[Cell(ABSENT)] * len(columns)]
    factor = 100 if row.statistic in PERCENTAGES else 1

    def scaled(value: float | None, decimals: int) -> str:
        return number(None if value is None else factor * value, decimals)

    found = {r.statistic: r for r in material.results.select(analysis=name)}
    of = row.statistic
    error = found.get(f"Monte-Carlo error of the {of}")
    of_error = found.get(f"Monte-Carlo error of the standard error, {of}")
    of_p = found.get(f"Monte-Carlo error of the p-value, {of}")
    information = found.get(f"missing information, {of}")
    cells = {
        "SE": told_by(scaled(row.std_error, 2), row),
        "df": told_by(number(row.df, 0), row),
        "p": told_by(p_cell(row.p_value), row),
        "MC error": told_by(scaled(_value(error), 3), error),
        "MC error of SE": told_by(scaled(_value(of_error), 3), of_error),
        "MC error of p": told_by(_error_of_p(_value(of_p)), of_p),
        "Missing information": told_by(percentage(_value(information), 0), information),
    }
    return [
        told_by(estimate_with_limits(row, 2), row),
        *(cells[column] for column in columns),
    ]


def _error_of_p(error: float | None) -> str:
    text = number(error, 4)
    return "<0.0001" if error and float(text) == 0 else text


def _value(row: Result | None) -> float | None:
    return None if row is None else row.estimate


def _further(material: Material, name: str) -> Iterator[tuple[Cell, ...]]:
    """Of a response, the odds ratio and the marginal risk difference."""
    target = material.estimand(name)
    main = main_results()[target.summary][1]
    if not target.treatment.compares:
        return
    for statistic in ("odds ratio", "marginal risk difference"):
        row = material.contrast(name, statistic)
        if row is None or statistic == main:
            continue
        rest = [ABSENT] * (len(COLUMNS) - 3)
        cells: list[str | Cell] = [
            told_by(estimate_with_limits(row, 2), row),
            ABSENT,
            *all_told_by([number(row.df, 0), p_cell(row.p_value)], row),
        ]
        yield table_row(titled(statistic), [*cells, *rest], indent=1)


def _counts(material: Material, names: list[str]) -> Iterator[Table]:
    """Why scores were missing, one table for all analyses with the same numbers."""
    tables: dict[tuple[str, ...], list[str]] = {}
    lines_of = {}
    for name in names:
        rows = material.results.select(table="impt03", analysis=name)
        if rows:
            lines_of[name] = tuple(_count_lines(material, rows))
            texts = (cell.text for line in lines_of[name] for cell in line)
            tables.setdefault((rows[0].phase, *texts), []).append(name)
    for number_of, ((phase, *_), alike) in enumerate(tables.items(), start=1):
        arms = arms_of(material.plan, phase)
        yield Table(
            id=f"impt03-{number_of}",
            caption=f"Subjects with imputed scores. Analyses: {joined(map(plain, alike))}",
            columns=("", *(arm_label(material.plan, phase, arm) for arm in arms)),
            rows=lines_of[alike[0]],
            footnotes=("Number of subjects (%).",),
        )


def _count_lines(material: Material, rows: tuple[Result, ...]) -> Iterator[tuple[Cell, ...]]:
    """A line a reason, its cells by arm; a line a covariate, over all arms."""
    arms = arms_of(material.plan, rows[0].phase)
    for group in dict.fromkeys(row.group for row in rows):
        kind, _, name = group.partition(": ")
        found = {row.arm: row for row in rows if row.group == group}
        if kind == "scores":
            of_arms = [found.get(arm) for arm in arms]
            cells = [told_by(count_and_share(row, _of(row)), row) for row in of_arms]
            yield table_row(titled(name), cells)
        else:
            whole = told_by(f"{count_of(found[''], 'estimate')} in all", found[""])
            yield table_row(f"Baseline set: {plain(name)}", [whole, *[""] * (len(arms) - 1)])


def _of(row: Result | None) -> float | None:
    return None if row is None else row.n
