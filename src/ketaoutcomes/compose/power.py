"""The report of a power simulation."""

from collections.abc import Callable, Iterable, Iterator

from ketaoutcomes.compose.cells import table_row, told_by
from ketaoutcomes.compose.explanation import to_full_precision, what_it_is
from ketaoutcomes.compose.figure_power import PowerCurve, power_svg
from ketaoutcomes.compose.labels import analysis_title, endpoint_title
from ketaoutcomes.compose.material import Material
from ketaoutcomes.compose.numbers import ABSENT, count, level, number, percentage
from ketaoutcomes.compose.origin import origin_section
from ketaoutcomes.compose.provenance import Provenance
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report import Callout, Cell, Definitions, Figure, Prose, Report, Section, Table
from ketaoutcomes.results import RATIOS, Result, ResultTable

WITHOUT_EFFECT = ("type I error", "power with equal treatments")
REJECTED = ("power", *WITHOUT_EFFECT)
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


def compose_power_report(
    plan: AnalysisPlan, results: ResultTable, provenance: Provenance
) -> Report:
    """The page of a power simulation: the answer, a table an analysis, the method."""
    material = Material(plan, results, (), provenance)
    names = tuple(dict.fromkeys(row.analysis for row in results.rows))
    sections = [
        _answer(material, names),
        *(_analysis(material, name) for name in names),
        _method(material),
        origin_section(material),
    ]
    versions = dict(provenance.versions)
    return Report(
        title=f"Power: {plan.study.title}",
        subtitle=f"Simulated trials of analysis plan “{plan.study.id}”.",
        synthetic=True,
        sections=tuple(sections),
        footer=(
            f"ketaoutcomes {versions['ketaoutcomes']} · plan {provenance.plan_sha256[:12]} · "
            f"seed {provenance.seed}",
            f"To make this page again: {provenance.command}",
        ),
    )


def _rows(material: Material, name: str, statistic: str) -> tuple[Result, ...]:
    return material.results.select(analysis=name, statistic=statistic)


def _answer(material: Material, names: tuple[str, ...]) -> Section:
    sentences = tuple(
        f"{endpoint_title(material.plan, row.endpoint)}, "
        f"{analysis_title(material.plan, name).lower()}: with {count(row.n)} subjects the "
        f"{_power_words(material.plan, name)} is {percentage(row.estimate)} "
        f"(Monte-Carlo error {percentage(row.std_error)})."
        for name in names
        for row in _rows(material, name, "power")
        if row.estimate is not None
    )
    words = sentences or ("No power was simulated: the grid holds trials without an effect only.",)
    return Section("power", "The answer", (Callout("Answer", words, "answer"),))


def _power_words(plan: AnalysisPlan, name: str) -> str:
    return "power" if plan.analyses[name].margin is None else "power to show non-inferiority"


def _analysis(material: Material, name: str) -> Section:
    plan = material.plan
    groups = tuple(
        dict.fromkeys(row.group for row in material.results.rows if row.analysis == name)
    )
    table = Table(
        id=f"powt01-{name}",
        caption=f"{endpoint_title(plan, material.estimand(name).endpoint)}: simulated trials",
        columns=COLUMNS,
        rows=tuple(table_row(group, _cells(material, name, group)) for group in groups),
        footnotes=tuple(_footnotes(material, name)),
    )
    return Section(f"power-{name}", analysis_title(plan, name), (_figure(material, name), table))


def _footnotes(material: Material, name: str) -> Iterator[str]:
    """How the table is read, and why a number is not there."""
    plan = material.plan
    confidence = level(plan.report.confidence_level)
    yield (
        f"Monte-Carlo errors in parentheses. {_what_rejects(plan, name)} Lost: trials whose model "
        f"could not be fitted. Coverage: share of {confidence} intervals that hold the true value."
    )
    if material.estimand(name).summary in RATIOS:
        yield "Bias, SD of estimates and mean SE are those of the logarithm of the ratio."
    told = (row for row in material.results.rows if row.analysis == name and row.message)
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
    figure_id = f"powg01-{name}"
    power = _curve(_rows(material, name, "power"))
    without = [row for s in WITHOUT_EFFECT for row in _rows(material, name, s)]
    margin = material.plan.analyses[name].margin
    alpha = 1 - material.plan.report.confidence_level if margin is None else None
    lines = "Dashed: 80% power." + ("" if alpha is None else " Solid: the nominal level.")
    words = [
        f"{statistic} {percentage(row.estimate)} with {count(row.n)} subjects"
        for statistic in REJECTED
        for row in _rows(material, name, statistic)
    ]
    return Figure(
        id=figure_id,
        caption="Share of trials that reject, by the number of subjects, with 95% Monte-Carlo "
        f"intervals. {lines}",
        svg=power_svg(figure_id, power, _curve(without), alpha),
        alternative=f"{'; '.join(words)}.",
    )


def _curve(rows: Iterable[Result]) -> PowerCurve:
    known = sorted(
        (r.n or 0, r.estimate, r.std_error or 0.0) for r in rows if r.estimate is not None
    )
    subjects, share, error = zip(*known, strict=True) if known else ((), (), ())
    return PowerCurve(subjects, share, error)


def _cells(material: Material, name: str, group: str) -> list[Cell]:
    found = {row.statistic: row for row in material.results.select(analysis=name, group=group)}
    in_percent = material.estimand(name).summary == "difference in proportions"
    in_units = percentage if in_percent else two_decimals
    lost = found.get("not estimated")
    truth = found.get("true value")
    return [
        told_by(ABSENT if truth is None else in_units(truth.estimate), truth),
        _with_error(found.get("bias"), in_units),
        _with_error(found.get("standard deviation of estimates"), in_units),
        _with_error(found.get("mean standard error"), in_units),
        _with_error(found.get("coverage"), percentage),
        _with_error(next((found[s] for s in REJECTED if s in found), None), percentage),
        told_by(ABSENT if lost is None else percentage(lost.estimate), lost),
    ]


def _with_error(row: Result | None, written: Callable[[float | None], str]) -> Cell:
    if row is None or row.estimate is None:
        return Cell(ABSENT)
    return told_by(f"{written(row.estimate)} ({written(row.std_error)})", row)


def two_decimals(value: float | None) -> str:
    """A number with two decimals."""
    return number(value, 2)


def _method(material: Material) -> Section:
    block = material.plan.power
    words = (
        f"{count(block.replicates)} trials of each size were simulated from the scenario and "
        "analysed as the plan says. Where there is no effect, the arms compared were treated as "
        "the reference arm. Trials of different designs share their random numbers, so that "
        "designs are compared with less Monte-Carlo error. Bias, coverage and their Monte-Carlo "
        "errors follow Morris, White & Crowther 2019, Stat Med 38:2074-2102, table 6.",
        "A trial whose model could not be fitted is counted as lost and left out of "
        "the other columns.",
    )
    return Section("methods", "Methods", (Prose(words),))


FORMULAS = {
    "not estimated": "share of trials whose model could not be fitted",
    "standard deviation of estimates": "SD of the estimates over trials; error SD / sqrt(2 n - 2)",
    "mean standard error": "root of the mean squared standard error; error "
    "sqrt(var(SE^2) / (4 n SE^2))",
    "true value": "the same subjects on either treatment, all observed; no effect where both arms "
    "are treated alike",
    "bias": "mean of the estimates less the true value; error sqrt(SD^2 / n + error of the true "
    "value^2)",
    "coverage": "share of intervals that hold the true value; error sqrt(p (1 - p) / n)",
    "power": "share of trials that reject; error sqrt(p (1 - p) / n)",
    "type I error": "share of trials without an effect that reject; error sqrt(p (1 - p) / n)",
    "power with equal treatments": "share of trials without an effect that show non-inferiority; "
    "error sqrt(p (1 - p) / n)",
}


def explain_power(material: Material, row: Result) -> Iterable[Definitions]:
    """A number of a simulation: what it is, of which trials, and by which formula."""
    number_of = [*what_it_is(row), ("Design", row.group), *to_full_precision(row)]
    yield Definitions(tuple(number_of), row.id)
    how = [
        ("Trials", f"{count(material.plan.power.replicates)} of each design"),
        ("Analysis", analysis_title(material.plan, row.analysis)),
        ("Formula", FORMULAS[row.statistic]),
        ("Source", "Morris, White & Crowther 2019, Stat Med 38:2074-2102, table 6"),
    ]
    yield Definitions(tuple(how), "How")
