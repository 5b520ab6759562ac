"""The effect in subgroups: forest, table and tests of interaction."""

from collections.abc import Iterator

from ketaoutcomes.families.repeated_measures.subgroups import MEAN
from ketaoutcomes.report.blocks import Block, Cell, Figure, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.failures import not_estimated
from ketaoutcomes.report.forest import ForestRow, forest_svg
from ketaoutcomes.report.labels import (
    arm_label,
    arm_within,
    comparison_label,
    endpoint_title,
    level_words,
    plain,
    titled,
    unit_of,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_of, estimate, estimate_with_limits, number, p_cell
from ketaoutcomes.results import Result


def subgroups_section(material: Material) -> Section | None:
    """Every analysis that asks for subgroups."""
    blocks = [
        block
        for name in material.plan.analyses
        for block in _analysis(
            material, name, material.results.select(table="subt01", analysis=name)
        )
    ]
    return Section("subgroups", "Subgroup analyses", tuple(blocks)) if blocks else None


def _analysis(material: Material, name: str, rows: tuple[Result, ...]) -> Iterator[Block]:
    if failure := not_estimated(rows):
        yield failure
    effects = [row for row in rows if row.statistic == "difference in subgroup"]
    if effects:
        yield _forest(material, name, effects)
        yield _table(material, name, rows, effects)


def _forest(material: Material, name: str, effects: list[Result]) -> Figure:
    whole = material.main_result(name)
    shown = [
        ("All participants", whole, True, _of_all(material, name)),
        *((_label(row), row, False, _beside(_of_arms(material, name, row))) for row in effects),
    ]
    rows = tuple(
        ForestRow(
            label=label,
            text=estimate_with_limits(row),
            estimate=row.estimate if row else None,
            low=row.conf_low if row else None,
            high=row.conf_high if row else None,
            primary=primary,
            beside=beside,
        )
        for label, row, primary, beside in shown
    )
    target, phase = material.estimand(name), effects[0].phase
    treatment = target.treatment
    arms = [arm_label(material.plan, phase, a) for a in (treatment.active, treatment.reference)]
    title = endpoint_title(material.plan, target.endpoint)
    compared = comparison_label(material.plan, phase, treatment.arms)
    active, reference = (arm_within(material.plan, phase, arm) for arm in treatment.arms)
    return Figure(
        id=f"subg01-{name}",
        caption=f"{title} at {effects[0].visit}: treatment difference ({compared}) overall "
        "and by subgroup. n: participants in the model; mean: LS mean of the change.",
        svg=forest_svg(
            f"subg01-{name}",
            rows,
            f"Difference in means, {unit_of(material.plan, target.endpoint)}",
            (f"lower with {active}", f"lower with {reference}"),
            ratio=False,
            heads=tuple(f"{arm}\nn, mean" for arm in arms),
        ),
        alternative="; ".join(
            f"{row.label}: {row.text} ({' versus '.join(row.beside)})" for row in rows
        ),
    )


def _of_all(material: Material, name: str) -> tuple[str, ...]:
    """How many of each arm are in the model of all, with the mean; the active arm first."""
    whole = material.main_result(name)
    keys = {"table": "dst01", "statistic": "analysed", "analysis": name}
    counts = [
        next(iter(material.results.select(**keys, arm=arm)), None)
        for arm in material.estimand(name).treatment.arms
    ]
    visit = whole.visit if whole is not None else ""
    means = [
        next(
            iter(
                material.results.select(
                    table="mmrmt01", analysis=name, statistic="LS mean", visit=visit, arm=arm
                )
            ),
            None,
        )
        for arm in material.estimand(name).treatment.arms
    ]
    return tuple(_n_and_mean(n, mean) for n, mean in zip(counts, means, strict=True))


def _beside(of_arms: list[Result | None]) -> tuple[str, ...]:
    return tuple(_n_and_mean(row, row) for row in of_arms)


def _n_and_mean(counted: Result | None, mean: Result | None) -> str:
    """`184, −14.2`."""
    return f"{count_of(counted)}, {estimate(mean)}"


def _of_arms(material: Material, name: str, row: Result) -> list[Result | None]:
    """The means of a subgroup, that of the active arm first."""
    keys = {"table": "subt01", "analysis": name, "statistic": MEAN, "group": row.group}
    found = [material.results.select(**keys, arm=arm) for arm in (row.arm, row.reference)]
    return [rows[0] if rows else None for rows in found]


def _label(row: Result) -> str:
    return titled(plain(row.group))


def _table(material: Material, name: str, rows: tuple[Result, ...], effects: list[Result]) -> Table:
    tests = {row.group: row for row in rows if row.statistic == "interaction"}
    body: list[tuple[Cell, ...]] = []
    for by in dict.fromkeys(row.group.split(": ", 1)[0] for row in effects):
        test = tests.get(by)
        p = p_cell(test) if test is not None else ""
        body.append(table_row(titled(plain(by)), ["", "", "", "", "", told_by(p, test)]))
        body += [
            table_row(
                level_words(*row.group.split(": ", 1)),
                [*_means(material, name, row), told_by(estimate_with_limits(row), row), ""],
                indent=1,
            )
            for row in effects
            if row.group.startswith(f"{by}: ")
        ]
    phase, arms = effects[0].phase, (effects[0].arm, effects[0].reference)
    return Table(
        id=f"subt01-{name}",
        caption=f"Treatment difference by subgroup at {effects[0].visit}",
        columns=(
            "",
            *("n", "LS mean (SE)") * 2,
            f"Difference ({material.interval_name})",
            "Interaction p",
        ),
        spanners=(("", 1), *((arm_label(material.plan, phase, arm), 2) for arm in arms), ("", 2)),
        rows=tuple(body),
        footnotes=(
            "n: participants in the model, including those not assessed at this visit. "
            "Each subgroup factor was analysed in a separate model with the arm × visit "
            "× subgroup interaction. Interaction p: test that the difference is equal in "
            "all subgroups of a factor. CIs and tests are not adjusted for multiplicity. "
            "A CI that excludes zero in one subgroup and includes it in another does not "
            "show that they differ.",
        ),
    )


def _means(material: Material, name: str, row: Result) -> list[Cell]:
    """Subjects and LS mean of each arm in a subgroup."""
    cells = []
    for mean in _of_arms(material, name, row):
        text = estimate(mean)
        if mean is not None and mean.std_error is not None:
            text += f" ({number(mean.std_error)})"
        cells += [told_by(count_of(mean), mean), told_by(text, mean)]
    return cells
