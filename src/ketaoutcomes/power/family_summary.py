"""Families of hypotheses: power and error of their procedure over the trials of a cell.

A hypothesis that could not be tested is not rejected, so that every share is one of all trials.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import HypothesisFamily
from ketaoutcomes.power.design import Cell, families_of
from ketaoutcomes.power.rejection import ASSURANCE
from ketaoutcomes.power.sample_size import sample_sizes
from ketaoutcomes.power.shares import share
from ketaoutcomes.results import Result

TABLE = "powt02"
ALL, ANY = "to reject all", "to reject at least one"
FAMILY_WISE = "family-wise error"


def summarise_families(
    plan: AnalysisPlan, tables: Mapping[Cell, pd.DataFrame]
) -> tuple[Result, ...]:
    """Results of every family and cell, and the numbers of subjects for the power wanted."""
    return tuple(
        row
        for name, family in families_of(plan).items()
        for row in _of_family(plan, name, family, tables)
    )


def _of_family(
    plan: AnalysisPlan, name: str, family: HypothesisFamily, tables: Mapping[Cell, pd.DataFrame]
) -> Iterator[Result]:
    decided = {
        cell: decisions(family, table[table["family"] == name])
        for cell, table in tables.items()
        if cell.family in ("", name)
    }
    for cell, rejected in decided.items():
        yield from _of_cell(plan, name, family, cell, rejected)
    curves = {cell.subjects: r for cell, r in decided.items() if cell.effect == "scenario"}
    row = Result(table=TABLE, statistic="", group=name, method=family.method)
    for words, every in ((ALL, True), (ANY, False)):
        curve = {n: r.all(axis=1) if every else r.any(axis=1) for n, r in curves.items()}
        for found in sample_sizes(row, curve, plan.power.targets):
            yield replace(found, statistic=f"{found.statistic} {words}")


def decisions(family: HypothesisFamily, table: pd.DataFrame) -> pd.DataFrame:
    """Whether each hypothesis (column) is rejected in each trial (row, by its number)."""
    p = table.pivot(index="replicate", columns="hypothesis", values="p_value")
    return p.reindex(columns=list(family.hypotheses)) <= family.alpha


def _of_cell(
    plan: AnalysisPlan, name: str, family: HypothesisFamily, cell: Cell, rejected: pd.DataFrame
) -> Iterator[Result]:
    true = cell.true_among(family.hypotheses)
    false = [key for key in family.hypotheses if key not in true]
    chance = ASSURANCE if cell.effect == "new_trials" else "power"
    row = Result(
        table=TABLE,
        statistic="",
        group=f"{name}, {cell.name}",
        n=cell.subjects,
        method=family.method,
    )
    for key, wanted in family.hypotheses.items():
        analysis = plan.analyses[wanted.analysis]
        one = replace(
            row,
            statistic="type I error" if key in true else chance,
            group=f"{name} {key}, {cell.name}",
            analysis=wanted.analysis,
            role=analysis.role,
            estimand=analysis.estimand,
            endpoint=plan.estimands[analysis.estimand].endpoint,
        )
        yield share(one, rejected[key])
    if false:
        yield share(replace(row, statistic=f"{chance} {ALL}"), rejected[false].all(axis=1))
        yield share(replace(row, statistic=f"{chance} {ANY}"), rejected[false].any(axis=1))
    if true:
        yield share(replace(row, statistic=FAMILY_WISE), rejected[list(true)].any(axis=1))
