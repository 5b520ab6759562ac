"""The forest of an outcome, and what each study found, in the numbers that it published."""

from collections.abc import Iterator

from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Published
from ketaoutcomes.report.blocks import Figure, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.numbers import count, level, number
from ketaoutcomes.results import Result
from ketaoutcomes.studies import StudyResult
from ketaoutcomes.synthesis.page.figure_forest import Forest, StudyRow, forest_svg
from ketaoutcomes.synthesis.page.material import SynthesisMaterial, bounds_of, text_of


def effects_of(material: SynthesisMaterial, name: str) -> dict[str, Result]:
    """The effect of each study, by its name."""
    rows = material.results.select(analysis=name, table="synt01", statistic="effect")
    return {row.group: row for row in rows}


def _weights(material: SynthesisMaterial, name: str) -> dict[str, Result]:
    rows = material.results.select(analysis=name, table="synt01", statistic="weight")
    return {row.group: row for row in rows}


def forest_figure(material: SynthesisMaterial, name: str) -> Figure:
    """Each study's effect with its interval and weight, and the pooled effect."""
    effects, weights = effects_of(material, name), _weights(material, name)
    pooled, expected = material.row(name, "pooled effect"), material.row(name, "prediction")
    outcome = material.outcome(name)
    sizes = {
        study.study: " / ".join(map(count, study.sizes))
        for study in material.studies_of(name).studies
        if study.sizes is not None
    }
    rows = tuple(
        StudyRow(
            study,
            text_of(row),
            _interval(row),
            (weights[study].estimate or 0.0) if study in weights else 0.0,
            sizes.get(study, ""),
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
        interval_name=material.interval_name,
        sides=material.favours(name),
        ratio=outcome.is_ratio,
        prediction_text=""
        if expected is None or expected.conf_low is None
        else f"{bounds_of(expected)} (prediction)",
        spread=_spread(material, name),
    )
    figure_id = f"syng01-{name}"
    words = [f"{row.label} {row.text}" for row in rows] + [f"pooled {text_of(pooled)}"]
    conf = level(material.plan.report.confidence_level)
    return Figure(
        id=figure_id,
        caption=f"{outcome.label}: {material.measure_within(name)} of each study with {conf} CI, "
        "participants (active / control), and weight. The area of a square is "
        f"proportional to the weight. Diamond: pooled effect; bar below: {conf} "
        "prediction interval for the true effect in a new study.",
        svg=forest_svg(figure_id, forest),
        alternative=f"{'; '.join(words)}.",
        data=_studies_table(material, name, effects, weights),
    )


def _spread(material: SynthesisMaterial, name: str) -> str:
    """How far the studies differ: the share of variance, and the standard deviation."""
    share, between = material.row(name, "I2"), material.row(name, "variance between studies")
    words = []
    if share is not None and share.estimate is not None:
        words.append(f"I\N{SUPERSCRIPT TWO} {number(share.estimate, 0)}%")
    if between is not None and between.estimate is not None:
        words.append(f"\N{GREEK SMALL LETTER TAU}\N{SUPERSCRIPT TWO} {number(between.estimate, 3)}")
    return ", ".join(words)


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
            f"Effect ({material.interval_name})",
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
        yield f"Means are changes from baseline where reported: {listed(of_changes)}."
    if of_effects := _of_kind(studies, "effects"):
        yield f"Effect and standard error as reported by the study: {listed(of_effects)}."
    if turned := [study.study for study in studies if study.turned]:
        yield (
            "Sign of the effect reversed, because higher scores are better on the "
            f"instrument: {listed(turned)}."
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
