"""One analysis over the grid: its figure and its table."""

from collections.abc import Callable, Iterable, Iterator

from ketaoutcomes.compose.cells import table_row, told_by
from ketaoutcomes.compose.figure_power import PowerCurve, power_svg
from ketaoutcomes.compose.labels import analysis_title, endpoint_title, joined
from ketaoutcomes.compose.material import Material
from ketaoutcomes.compose.numbers import ABSENT, count, level, number, percentage
from ketaoutcomes.compose.power.sizes import size_sentence
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report import Block, Cell, Figure, Prose, Section, Table
from ketaoutcomes.results import RATIOS, Result

TABLE = "powt01"
WITHOUT_EFFECT = ("type I error", "power with equal treatments")
REJECTED = ("power", *WITHOUT_EFFECT)
AMONG_ALL = "among all trials"
COLUMNS = (
    "Subjects",
    "True value",
    "Bias",
    "SD of estimates",
    "Mean SE",
    "Coverage",
    "Rejected",
    "Lost",
)


def analysis_section(material: Material, name: str) -> Section:
    """Figure, table, and how many subjects the power wanted takes."""
    plan = material.plan
    found = material.results.select(table=TABLE, analysis=name)
    groups = tuple(dict.fromkeys(row.group for row in found if row.group))
    lost = any(row.statistic.endswith(AMONG_ALL) for row in found)
    table = Table(
        id=f"powt01-{name}",
        caption=f"{endpoint_title(plan, material.estimand(name).endpoint)}: simulated trials",
        columns=(*COLUMNS[:-1], "Of all trials", COLUMNS[-1]) if lost else COLUMNS,
        rows=tuple(table_row(group, _cells(material, name, group, lost=lost)) for group in groups),
        footnotes=tuple(_footnotes(material, name, lost=lost)),
    )
    blocks: tuple[Block, ...] = (_figure(material, name), table)
    sizes = size_sentence(found, "").strip()
    return Section(
        f"power-{name}", analysis_title(plan, name), (*blocks, Prose((sizes,))) if sizes else blocks
    )


def _footnotes(material: Material, name: str, *, lost: bool) -> Iterator[str]:
    """How the table is read, and why a number is not there."""
    plan = material.plan
    confidence = level(plan.report.confidence_level)
    words = " Of all trials: rejected, where a lost one rejects nothing." if lost else ""
    yield (
        f"Monte-Carlo errors in parentheses. {_what_rejects(plan, name)} Lost: trials whose model "
        f"could not be fitted, left out of the other columns.{words} Coverage: share of "
        f"{confidence} intervals that hold the true value."
    )
    if material.estimand(name).summary in RATIOS:
        yield "Bias, SD of estimates and mean SE are those of the logarithm of the ratio."
    told = (
        row
        for row in material.results.select(table=TABLE, analysis=name)
        if row.message and row.group
    )
    yield from dict.fromkeys(map(_in_words, told))


def _in_words(row: Result) -> str:
    """What a row's message says, as a sentence."""
    if row.statistic == "not estimated":
        return f"Why trials were lost: {row.message}."
    return f"{row.message[0].upper()}{row.message[1:]}."


def _what_rejects(plan: AnalysisPlan, name: str) -> str:
    """What the share of trials that reject stands for."""
    margin = plan.analyses[name].margin
    if margin is not None:
        return (
            f"Rejected: the whole {level(plan.report.confidence_level)} interval is better than "
            f"the margin of {margin:g}, so that non-inferiority is shown; with no effect the "
            "treatments are equal and that is power too."
        )
    return (
        f"Rejected: p below {1 - plan.report.confidence_level:.3g}, two-sided; power where there "
        "is an effect, type I error where there is none."
    )


def _figure(material: Material, name: str) -> Figure:
    def rows(statistic: str) -> tuple[Result, ...]:
        return material.results.select(table=TABLE, analysis=name, statistic=statistic)

    figure_id = f"powg01-{name}"
    power = _curve(rows("power"))
    without = [row for s in WITHOUT_EFFECT for row in rows(s)]
    margin = material.plan.analyses[name].margin
    alpha = 1 - material.plan.report.confidence_level if margin is None else None
    targets = material.plan.power.targets
    lines = (
        *([f"Dashed: {joined(f'{100 * t:g}%' for t in targets)} power."] if targets else []),
        *(["Solid: the nominal level."] if alpha is not None else []),
    )
    words = [
        f"{statistic} {percentage(row.estimate)} with {count(row.n)} subjects"
        for statistic in REJECTED
        for row in rows(statistic)
    ]
    return Figure(
        id=figure_id,
        caption="Share of trials that reject, by the number of subjects, with 95% Monte-Carlo "
        f"intervals. {' '.join(lines)}".strip(),
        svg=power_svg(figure_id, power, _curve(without), targets, alpha),
        alternative=f"{'; '.join(words)}.",
    )


def _curve(rows: Iterable[Result]) -> PowerCurve:
    known = sorted(
        (r.n or 0, r.estimate, r.std_error or 0.0) for r in rows if r.estimate is not None
    )
    subjects, share, error = zip(*known, strict=True) if known else ((), (), ())
    return PowerCurve(subjects, share, error)


def _cells(material: Material, name: str, group: str, *, lost: bool) -> list[Cell]:
    rows = material.results.select(table=TABLE, analysis=name, group=group)
    found = {row.statistic: row for row in rows}
    in_percent = material.estimand(name).summary == "difference in proportions"
    in_units = percentage if in_percent else two_decimals
    missing, truth = found.get("not estimated"), found.get("true value")
    rejected = next((found[s] for s in REJECTED if s in found), None)
    of_all = found.get(f"{rejected.statistic} {AMONG_ALL}", rejected) if rejected else None
    return [
        told_by(ABSENT if truth is None else in_units(truth.estimate), truth),
        with_error(found.get("bias"), in_units),
        with_error(found.get("standard deviation of estimates"), in_units),
        with_error(found.get("mean standard error"), in_units),
        with_error(found.get("coverage"), percentage),
        with_error(rejected, percentage),
        *([told_by(percentage(of_all.estimate if of_all else None), of_all)] if lost else []),
        told_by(ABSENT if missing is None else percentage(missing.estimate), missing),
    ]


def with_error(row: Result | None, written: Callable[[float | None], str]) -> Cell:
    """A number with its Monte-Carlo error."""
    if row is None or row.estimate is None:
        return Cell(ABSENT)
    return told_by(f"{written(row.estimate)} ({written(row.std_error)})", row)


def two_decimals(value: float | None) -> str:
    """A number with two decimals."""
    return number(value, 2)
