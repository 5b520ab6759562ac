"""One analysis over the grid: its figure and its table."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import floor, log10

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.power.page.figure import PowerCurve, power_svg
from ketaoutcomes.power.page.sizes import size_sentence
from ketaoutcomes.power.rejection import ASSURANCE
from ketaoutcomes.report.blocks import Block, Cell, Figure, Prose, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import analysis_title, endpoint_title, joined
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT, count, level, number, percentage
from ketaoutcomes.results import RATIOS, Result

TABLE = "powt01"
WITHOUT_EFFECT = ("type I error", "power with equal treatments")
REJECTED = ("power", ASSURANCE, *WITHOUT_EFFECT)
AMONG_ALL = "among all trials"
BEYOND = 2.0
"""Monte Carlo errors: of unbiased estimates one in twenty is farther out."""


def analysis_section(material: Material, name: str) -> Section:
    """Figure, what is rejected, how many subjects the power wanted takes, and the estimates."""
    found = material.results.select(table=TABLE, analysis=name)
    sizes = size_sentence(found, "").strip()
    blocks: tuple[Block, ...] = (
        _figure(material, name),
        _tests(material, name, found),
        *([Prose((sizes,))] if sizes else []),
        _estimates(material, name, found),
    )
    return Section(f"power-{name}", analysis_title(material.plan, name), blocks)


def _by_design(found: Iterable[Result]) -> dict[str, dict[str, Result]]:
    """The results of each design by what they are."""
    designs: dict[str, dict[str, Result]] = {}
    for row in found:
        if row.group:
            designs.setdefault(row.group, {})[row.statistic] = row
    return designs


def _tests(material: Material, name: str, found: tuple[Result, ...]) -> Table:
    """How many were analysed, and the share of trials that reject."""
    lost = any(row.statistic.endswith(AMONG_ALL) for row in found)
    words = " Of all trials: rejected; lost trials are counted as not rejecting." if lost else ""
    return Table(
        id=f"powt01-{name}",
        caption=f"{_endpoint(material, name)}: proportion of trials that reject",
        columns=("Participants", "Entered", "Rejected", *(["Of all trials"] * lost), "Lost"),
        rows=tuple(
            table_row(design, _test_cells(rows, lost=lost))
            for design, rows in _by_design(found).items()
        ),
        footnotes=(
            f"Monte Carlo errors in parentheses. {_what_rejects(material.plan, name)} "
            "Entered: mean number in the phase analysed with the data required at its "
            "start. Lost: trials whose model could not be fitted, excluded from other "
            f"columns.{words}",
            *dict.fromkeys(
                f"Trials lost, by reason: {row.group}: {row.message}."
                for row in found
                if row.statistic == "not estimated" and row.message
            ),
        ),
    )


def _estimates(material: Material, name: str, found: tuple[Result, ...]) -> Table:
    """How the estimates lie about the true value, and what the models say of their spread."""
    confidence = level(material.plan.report.confidence_level)
    summary = material.estimand(name).summary
    in_units = percentage if summary == "difference in proportions" else _decimals(found)
    logarithms = "Bias, SD of estimates and mean SE are those of the logarithm of the ratio."
    return Table(
        id=f"powt01-{name}-estimates",
        caption=f"{_endpoint(material, name)}: estimates",
        columns=("Participants", "True value", "Bias", "SD of estimates", "Mean SE", "Coverage"),
        rows=tuple(
            table_row(design, _estimate_cells(rows, in_units))
            for design, rows in _by_design(found).items()
        ),
        footnotes=(
            "Monte Carlo errors in parentheses. Trials that were not lost. Coverage: "
            f"proportion of {confidence} CIs that include the true value.",
            *([logarithms] if summary in RATIOS else []),
            *_of_bias(found),
            *dict.fromkeys(
                f"{row.message[0].upper()}{row.message[1:]}."
                for row in found
                if row.message and row.group and row.statistic != "not estimated"
            ),
        ),
    )


def _of_bias(found: Iterable[Result]) -> Iterator[str]:
    """Where the bias is more than its Monte Carlo error explains, and what it may come from."""
    beyond = dict.fromkeys(
        row.group
        for row in found
        if row.statistic == "bias"
        and row.estimate is not None
        and abs(row.estimate) > BEYOND * (row.std_error or 0.0)
    )
    if beyond:
        yield (
            f"Bias beyond two Monte Carlo errors: {joined(beyond)}. For true values all "
            "participants are observed to the end; in the trials some leave. Estimates are biased "
            "where those who leave would have fared otherwise than those who stay."
        )


def _endpoint(material: Material, name: str) -> str:
    return endpoint_title(material.plan, material.estimand(name).endpoint)


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
        "is an effect, assurance where each trial has one of its own, type I error where there is "
        "none."
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
    assured = _curve(rows(ASSURANCE))
    lines = (
        *(["Open circles: assurance, over trials that differ."] if assured.subjects else []),
        *([f"Dashed: {joined(f'{100 * t:g}%' for t in targets)} power."] if targets else []),
        *(["Solid: the nominal level."] if alpha is not None else []),
    )
    words = [
        f"{statistic} {percentage(row.estimate)} with {count(row.n)} participants"
        for statistic in REJECTED
        for row in rows(statistic)
    ]
    return Figure(
        id=figure_id,
        caption="Proportion of trials that reject, by number of participants, with 95% Monte "
        f"Carlo CIs. {' '.join(lines)}".strip(),
        svg=power_svg(figure_id, power, assured, _curve(without), targets, alpha),
        alternative=f"{'; '.join(words)}.",
    )


def _curve(rows: Iterable[Result]) -> PowerCurve:
    known = sorted(
        (r.n or 0, r.estimate, r.std_error or 0.0) for r in rows if r.estimate is not None
    )
    subjects, share, error = zip(*known, strict=True) if known else ((), (), ())
    return PowerCurve(subjects, share, error)


def _test_cells(rows: Mapping[str, Result], *, lost: bool) -> list[Cell]:
    entered, missing = rows.get("subjects entered"), rows.get("not estimated")
    rejected = next((rows[s] for s in REJECTED if s in rows), None)
    of_all = rows.get(f"{rejected.statistic} {AMONG_ALL}", rejected) if rejected else None
    return [
        told_by(number(entered.estimate if entered else None, 1), entered),
        with_error(rejected, percentage),
        *([told_by(percentage(of_all.estimate if of_all else None), of_all)] if lost else []),
        told_by(ABSENT if missing is None else percentage(missing.estimate), missing),
    ]


def _estimate_cells(
    rows: Mapping[str, Result], in_units: Callable[[float | None], str]
) -> list[Cell]:
    truth = rows.get("true value")
    return [
        told_by(ABSENT if truth is None else in_units(truth.estimate), truth),
        with_error(rows.get("bias"), in_units),
        with_error(rows.get("standard deviation of estimates"), in_units),
        with_error(rows.get("mean standard error"), in_units),
        with_error(rows.get("coverage"), percentage),
    ]


def with_error(row: Result | None, written: Callable[[float | None], str]) -> Cell:
    """A number with its Monte-Carlo error."""
    if row is None or row.estimate is None:
        return Cell(ABSENT)
    return told_by(f"{written(row.estimate)} ({written(row.std_error)})", row)


def _decimals(found: Iterable[Result]) -> Callable[[float | None], str]:
    """Numbers with two decimals, or as many as show two digits of the least spread."""
    spread = [
        row.estimate
        for row in found
        if row.statistic == "standard deviation of estimates" and row.estimate
    ]
    decimals = max(2, 1 - floor(log10(min(spread)))) if spread else 2
    return lambda value: number(value, decimals)
