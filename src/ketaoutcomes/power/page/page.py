"""The report of a power simulation: the answer, a section an analysis and a family, the method."""

from collections.abc import Iterator

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.power.page.analysis import analysis_section
from ketaoutcomes.power.page.families import family_section, family_sentences
from ketaoutcomes.power.page.method import method_section
from ketaoutcomes.power.page.sizes import size_sentence
from ketaoutcomes.power.rejection import ASSURANCE
from ketaoutcomes.report.appendix import origin_section
from ketaoutcomes.report.blocks import Callout, Report, Section
from ketaoutcomes.report.labels import analysis_title, endpoint_title, joined, lowered
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count, percentage
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import ResultTable


def compose_power_report(
    plan: AnalysisPlan, results: ResultTable, provenance: Provenance
) -> Report:
    """The page of a power simulation."""
    material = Material(plan, results, (), provenance)
    names = tuple(dict.fromkeys(row.analysis for row in results.select(table="powt01")))
    sections = [
        _answer(material, names),
        *(analysis_section(material, name) for name in names),
        *(family_section(material, name) for name in plan.power.families),
        method_section(material),
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
            f"To reproduce this report: `{provenance.command}`",
        ),
    )


def _answer(material: Material, names: tuple[str, ...]) -> Section:
    sentences = (
        *(sentence for name in names for sentence in _of_analysis(material, name)),
        *(s for name in material.plan.power.families for s in family_sentences(material, name)),
    )
    words = sentences or ("No power was simulated: the grid holds trials without an effect only.",)
    return Section("power", "Summary of results", (Callout("Main findings", words, "answer"),))


def _of_analysis(material: Material, name: str) -> Iterator[str]:
    """Power at each size, and how many subjects give the power wanted."""
    plan, results = material.plan, material.results
    powers = [
        f"{percentage(row.estimate)} with {count(row.n)} participants (Monte Carlo error "
        f"{percentage(row.std_error)})"
        for row in results.select(table="powt01", analysis=name, statistic="power")
        if row.estimate is not None
    ]
    if not powers:
        return
    assurances = [
        f"{percentage(row.estimate)} with {count(row.n)} participants"
        for row in results.select(table="powt01", analysis=name, statistic=ASSURANCE)
        if row.estimate is not None
    ]
    what = endpoint_title(plan, material.estimand(name).endpoint)
    shown = "power" if plan.analyses[name].margin is None else "power to show non-inferiority"
    yield (
        f"{what}, {lowered(analysis_title(plan, name))}: the {shown} is {joined(powers)}."
        f"{size_sentence(results.select(table='powt01', analysis=name), '')}"
    )
    if assurances:
        yield (
            f"Published trials of one design differ by more than chance. Allowing for that, the "
            f"chance of such a result (assurance) is {joined(assurances)}."
        )
