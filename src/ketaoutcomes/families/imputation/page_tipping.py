"""Tipping points: how far imputed scores may be shifted before the difference changes."""

from collections.abc import Iterator

import numpy as np

from ketaoutcomes.families.imputation.figure_tipping import tipping_svg
from ketaoutcomes.families.imputation.record import TippingRecord
from ketaoutcomes.report.blocks import Block, Figure, Prose, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, endpoint_title
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import MINUS, estimate_with_limits, number, signed


def tipping_blocks(material: Material, name: str) -> Iterator[Block]:
    """The figure of a tipping-point analysis with its numbers, and the answer in a sentence."""
    record = next(
        (r for r in material.records if isinstance(r, TippingRecord) and r.analysis == name), None
    )
    if record is None:
        return
    plan, target = material.plan, material.estimand(name)
    phase = plan.endpoints[target.endpoint].phase
    names = tuple(arm_label(plan, phase, arm) for arm in record.arms)
    labels = tuple(f"Points added to imputed scores, {arm}" for arm in names)
    sentences = _in_words(material, name)
    yield Prose(sentences)
    marks = (
        "The black line is where the interval just reaches zero, the ring no shift."
        if len(names) > 1
        else "The dashed line is where the interval just reaches zero."
    )
    yield Figure(
        id=f"tipg01-{name}",
        caption=f"{endpoint_title(plan, target.endpoint)} at {target.visit}, difference with "
        f"imputed scores shifted. {marks}",
        svg=tipping_svg(f"tipg01-{name}", record, labels, 1 - plan.report.confidence_level),
        alternative=" ".join(sentences),
        data=_numbers(material, record, names),
    )


def _in_words(material: Material, name: str) -> tuple[str, ...]:
    """Where the difference tips, arm by arm."""
    plan = material.plan
    sentences = []
    for row in material.results.select(analysis=name, statistic="tipping shift"):
        arm = arm_label(plan, row.phase, row.group.removesuffix(" shifted"))
        if row.estimate is None:
            words = row.message.replace(" -", f" {MINUS}")
            sentences.append(f"{arm} shifted: the difference is {words} points.")
            continue
        side = "worse" if _is_worse(material, name, row.estimate) else "better"
        verb = "gains" if row.message else "loses"
        sentences.append(
            f"The difference {verb} its significance once the imputed scores of {arm} are "
            f"{number(abs(row.estimate), 1)} points {side} than assumed."
        )
    return tuple(sentences)


def _is_worse(material: Material, name: str, shift: float) -> bool:
    endpoint = material.plan.endpoints[material.estimand(name).endpoint]
    better = material.plan.scale(getattr(endpoint, "scale", "")).better
    return (shift > 0) == (better == "lower")


def _numbers(material: Material, record: TippingRecord, names: tuple[str, ...]) -> Table:
    """The data of the figure; results have the points of the grid row by row."""
    shifted = material.results.select(
        analysis=record.analysis, statistic="shifted difference in LS means"
    )
    columns = record.shifts[0]
    rows = record.shifts[1] if len(record.arms) > 1 else np.zeros(1)
    lines = [
        table_row(
            signed(row) if len(record.arms) > 1 else "Difference (CI)",
            [
                told_by(estimate_with_limits(one), one)
                for one in shifted[i * columns.size : (i + 1) * columns.size]
            ],
        )
        for i, row in enumerate(rows)
    ]
    down = f"{names[1]} ↓, {names[0]} →" if len(names) > 1 else names[0]
    return Table(
        id=f"tipt01-{record.analysis}",
        caption="Difference (CI) by the points added to imputed scores",
        columns=(down, *map(signed, columns)),
        rows=tuple(lines),
    )
