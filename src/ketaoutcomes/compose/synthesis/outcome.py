"""One outcome: forest, pooled effect, how studies differ, other ways, groups, small studies."""

from collections.abc import Iterator

import numpy as np

from ketaoutcomes.compose.cells import table_row, told_by
from ketaoutcomes.compose.failures import not_estimated
from ketaoutcomes.compose.labels import titled
from ketaoutcomes.compose.numbers import count, count_of, level, number, p_cell, p_value
from ketaoutcomes.compose.synthesis.characteristics import characteristics_blocks
from ketaoutcomes.compose.synthesis.figure_forest import Forest, StudyRow, forest_svg
from ketaoutcomes.compose.synthesis.figure_funnel import funnel_svg
from ketaoutcomes.compose.synthesis.material import SynthesisMaterial, bounds_of, text_of
from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Published
from ketaoutcomes.plan.synthesis import Measure
from ketaoutcomes.report import Block, Cell, Figure, Section, Table
from ketaoutcomes.results import Result
from ketaoutcomes.studies import StudyResult

LEAST_FOR_FUNNEL = 3


def outcome_section(material: SynthesisMaterial, name: str) -> Section:
    """All of an outcome."""
    blocks: list[Block] = []
    if failure := not_estimated(material.results.select(analysis=name)):
        blocks.append(failure)
    blocks.append(_forest(material, name))
    blocks.append(_pooled(material, name))
    blocks += characteristics_blocks(material, name)
    if material.results.select(analysis=name, table="synt03"):
        blocks.append(_otherwise(material, name))
    blocks += _small_studies(material, name)
    return Section(f"outcome-{name}", material.outcome(name).label, tuple(blocks))


def _effects(material: SynthesisMaterial, name: str) -> dict[str, Result]:
    rows = material.results.select(analysis=name, table="synt01", statistic="effect")
    return {row.group: row for row in rows}


def _weights(material: SynthesisMaterial, name: str) -> dict[str, Result]:
    rows = material.results.select(analysis=name, table="synt01", statistic="weight")
    return {row.group: row for row in rows}


def _forest(material: SynthesisMaterial, name: str) -> Figure:
    effects, weights = _effects(material, name), _weights(material, name)
    pooled, expected = material.row(name, "pooled effect"), material.row(name, "prediction")
    outcome = material.outcome(name)
    rows = tuple(
        StudyRow(
            study,
            text_of(row),
            _interval(row),
            (weights[study].estimate or 0.0) if study in weights else 0.0,
        )
        for study, row in effects.items()
    )
    forest = Forest(
        studies=rows,
        pooled=_interval(pooled),
        pooled_text=text_of(pooled),
        prediction=None
        if expected is None or expected.conf_low is None or expected.conf_high is None
        else (expected.conf_low, expected.conf_high),
        x_label=material.measure(name),
        sides=material.favours(name),
        ratio=outcome.is_ratio,
    )
    figure_id = f"syng01-{name}"
    words = [f"{row.label} {row.text}" for row in rows] + [f"pooled {text_of(pooled)}"]
    conf = level(material.plan.report.confidence_level)
    return Figure(
        id=figure_id,
        caption=f"{outcome.label}: {material.measure_within(name)} of each study with its {conf} "
        "interval, the area of a square by its weight; the diamond is the pooled effect, the bar "
        f"below it the {conf} prediction interval of the true effect of a new study.",
        svg=forest_svg(figure_id, forest),
        alternative=f"{'; '.join(words)}.",
        data=_studies_table(material, name, effects, weights),
    )


def _interval(row: Result | None) -> tuple[float, float, float] | None:
    if row is None or row.estimate is None or row.conf_low is None or row.conf_high is None:
        return None
    return row.estimate, row.conf_low, row.conf_high


def _studies_table(
    material: SynthesisMaterial,
    name: str,
    effects: dict[str, Result],
    weights: dict[str, Result],
) -> Table:
    """What each study found, in the numbers that it published."""
    data = material.studies_of(name)
    kinds = {study.kind for study in data.studies}
    told = next((words for kind, words in TOLD.items() if kind in kinds), "n")
    body = []
    for study in data.studies:
        row, weight = effects[study.study], weights.get(study.study)
        active, control = (_numbers(study, place) for place in (0, 1))
        shown = text_of(row) if row.estimate is not None else row.message
        body.append(
            table_row(
                study.study,
                [
                    study.instrument.upper(),
                    "" if study.days is None else number(study.days, 0),
                    active,
                    control,
                    told_by(shown, row),
                    told_by(number(None if weight is None else weight.estimate, 1), weight),
                ],
            )
        )
    return Table(
        id=f"synt01-{name}",
        caption="Studies and their effects",
        columns=(
            "Study",
            "Instrument",
            "Day",
            f"Active, {told}",
            f"Control, {told}",
            "Effect (CI)",
            "Weight, %",
        ),
        rows=tuple(body),
        footnotes=tuple(_remarks(data.studies)),
    )


TOLD: dict[str, str] = {
    "counts": "events / n",
    "means": "mean (SD), n",
    "changes": "mean (SD), n",
}
"""What a study tells of an arm, by the kind of its result."""


def _remarks(studies: tuple[StudyResult, ...]) -> Iterator[str]:
    """Which means are of changes, and which effects were turned."""
    if of_changes := _of_kind(studies, "changes"):
        yield f"Means are changes from baseline where a study gave these: {listed(of_changes)}."
    if of_effects := _of_kind(studies, "effects"):
        yield f"The effect and its error are those that the study tells: {listed(of_effects)}."
    if turned := [study.study for study in studies if study.turned]:
        yield (
            "The sign of the effect is turned where the instrument is scored the other way: "
            f"{listed(turned)}."
        )


def _of_kind(studies: tuple[StudyResult, ...], kind: str) -> list[str]:
    return [study.study for study in studies if study.kind == kind]


def listed(names: list[str]) -> str:
    """Names in a row."""
    return ", ".join(names)


def _numbers(study: StudyResult, place: int) -> str:
    if isinstance(study.numbers, Published):
        return "–" if study.sizes is None else count(study.sizes[place])
    arm = study.numbers[place]
    if isinstance(arm, Counts):
        return f"{count(arm.events)} / {count(arm.n)}"
    return f"{number(arm.mean, 1)} ({number(arm.sd, 1)}), {count(arm.n)}"


def _pooled(material: SynthesisMaterial, name: str) -> Table:
    pooled, expected = material.row(name, "pooled effect"), material.row(name, "prediction")
    spread, share = material.row(name, "variance between studies"), material.row(name, "I2")
    test = material.row(name, "heterogeneity test")
    rows: list[tuple[Cell, ...]] = [
        table_row("Pooled effect (CI)", [told_by(text_of(pooled), pooled)]),
        table_row(
            "Test of no effect", [told_by(p_value(pooled.p_value if pooled else None), pooled)]
        ),
        table_row("Subjects", [told_by(count_of(pooled), pooled)]),
    ]
    if expected is not None:
        rows.append(
            table_row(
                "Prediction interval of a new study", [told_by(bounds_of(expected), expected)]
            )
        )
    if spread is not None and share is not None and test is not None:
        rows += [
            table_row("Variance between studies, τ² (CI)", [told_by(_three(spread), spread)]),
            table_row("I², % (CI)", [told_by(_whole(share), share)]),
            table_row(
                "Cochran's Q",
                [
                    told_by(
                        f"{number(test.test_statistic, 1)} on {number(test.df, 0)} df, "
                        f"{p_value(test.p_value)}",
                        test,
                    )
                ],
            ),
        ]
    return Table(
        id=f"synt02-{name}",
        caption=f"{material.outcome(name).label}: pooled effect and how far studies differ",
        columns=("", material.measure(name)),
        rows=tuple(rows),
        footnotes=(
            "The pooled effect is the mean of the true effects of studies like these; where they "
            "differ, no study need have that effect, and the prediction interval says what to "
            "expect of the next.",
        ),
    )


def _three(row: Result) -> str:
    return f"{number(row.estimate, 3)} ({number(row.conf_low, 3)} to {number(row.conf_high, 3)})"


def _whole(row: Result) -> str:
    return f"{number(row.estimate, 0)} ({number(row.conf_low, 0)} to {number(row.conf_high, 0)})"


def _otherwise(material: SynthesisMaterial, name: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for statistic, heading in (
        ("pooled effect", "By another model"),
        ("of end values alone", "Without studies of changes from baseline"),
        ("without it", "Without one study"),
    ):
        here = material.results.select(analysis=name, table="synt03", statistic=statistic)
        if here:
            rows.append((Cell(heading, header=True),))
        rows += [
            table_row(
                _name_of(row),
                [told_by(text_of(row), row), told_by(p_cell(row.p_value), row)],
                indent=1,
            )
            for row in here
        ]
    return Table(
        id=f"synt03-{name}",
        caption="The pooled effect in other ways",
        columns=("", "Pooled effect (CI)", "p"),
        rows=tuple(rows),
    )


def _name_of(row: Result) -> str:
    """What is different in a row."""
    if row.statistic == "of end values alone":
        return f"End values, {count_of(row)} subjects"
    return titled(row.group) if row.statistic == "pooled effect" else row.group


def _small_studies(material: SynthesisMaterial, name: str) -> Iterator[Block]:
    """The funnel, and the regression test where there are studies enough."""
    rows = [row for row in _effects(material, name).values() if row.estimate is not None]
    pooled = material.row(name, "pooled effect")
    if len(rows) < LEAST_FOR_FUNNEL or pooled is None or pooled.estimate is None:
        return
    ratio = material.outcome(name).is_ratio
    scale = np.log if ratio else np.asarray
    figure_id = f"syng02-{name}"
    test = material.row(name, "regression test", "synt05")
    words = _regression_words(test, material.outcome(name).measure)
    yield Figure(
        id=figure_id,
        caption="Effects by standard error. Dashed lines hold 95% of studies whose true effect is "
        f"the pooled one. {words}Asymmetry may come from small studies that were not published, "
        "from their poorer methods, from true differences, or from chance.",
        svg=funnel_svg(
            figure_id,
            scale(np.array([row.estimate for row in rows], dtype=float)),
            np.array([row.std_error for row in rows], dtype=float),
            float(scale(np.array(pooled.estimate))),
            material.measure(name),
            ratio=ratio,
        ),
        alternative="; ".join(
            f"{row.group}: effect {number(row.estimate, 2)}, standard error "
            f"{number(row.std_error, 2)}"
            for row in rows
        ),
    )


def _regression_words(test: Result | None, measure: Measure) -> str:
    if test is None:
        return "The regression test is not done with fewer than ten studies. "
    words = (
        f"Egger's regression test: intercept {number(test.estimate, 2)}, t = "
        f"{number(test.test_statistic, 2)} on {number(test.df, 0)} df, {p_value(test.p_value)}. "
    )
    if "by size alone" in test.method:
        words += (
            "Its errors are those that the sizes of the arms give, as the standard error of a "
            "standardised difference grows with the difference itself. "
        )
    elif measure in ("hedges_g", "risk_ratio", "odds_ratio"):
        words += (
            "The error of such an effect is tied to the effect, so that the test can find "
            "asymmetry where there is none. "
        )
    return words
