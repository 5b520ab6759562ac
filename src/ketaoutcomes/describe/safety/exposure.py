"""Exposure by arm: doses given, amount and duration (ICH E3, section 12.1)."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.describe.safety.population import PLACE, SafetyPopulation
from ketaoutcomes.results import Result

TABLE = "ext01"


def exposure_table(
    people: SafetyPopulation, cohort: Cohort, given: pd.DataFrame
) -> tuple[Result, ...]:
    """Doses, total dose by unit and route, and days of follow-up; mean, SD, median, range.

    Doses and the time between them are told for each route where there are several.
    A unit and route in which nobody had more than nothing is a placebo's and has no total.

    Parameters
    ----------
    given : DataFrame
        The doses of the phase with the places of their participants.
    """
    subjects = people.subjects.set_index(people.own_places)["arm"]
    measures: dict[tuple[str, str], pd.Series] = {}
    if len(given):
        routes = sorted(given["route"].unique())
        for route in routes if len(routes) > 1 else [""]:
            of_route = given[given["route"] == route] if route else given
            told = f", {route}" if route else ""
            doses = of_route.groupby(PLACE)["day"].size().astype(float)
            measures[f"doses{told}", ""] = doses.reindex(subjects.index, fill_value=0.0)
            span = of_route.groupby(PLACE)["day"].agg(["min", "max"]).astype(float)
            measures[f"days from first to last dose{told}", "days"] = span["max"] - span["min"]
        amounts = given.assign(dose=given["dose"].astype(float))
        for (unit, route), part in amounts.groupby(["unit", "route"], sort=True, observed=True):
            if (part["dose"] > 0).any():
                total = part.groupby(PLACE)["dose"].sum()
                measures[f"total dose, {route}, {unit}", str(unit)] = total
                weight = _weight(cohort, people)
                if str(unit).casefold() == "mg" and weight is not None:
                    per_kg = total / weight.reindex(total.index)
                    measures[f"total dose, {route}, mg/kg", "mg/kg"] = per_kg
    days = people.subjects.set_index(people.own_places)
    if days["followed"].notna().any():
        measures["days of follow-up", "days"] = days["followed"]
    if not days["followed"].equals(days["last_day"]):
        measures["days on treatment", "days"] = days["last_day"]
    return tuple(
        row
        for (group, unit), values in measures.items()
        for arm in people.arms
        for row in _of_arm(
            people.phase, arm, group, unit, values[subjects.reindex(values.index) == arm]
        )
    )


def _weight(cohort: Cohort, people: SafetyPopulation) -> pd.Series | None:
    """Weight of each subject, by place, in kg, where the plan has such a covariate as a number."""
    if "weight" not in cohort.subjects:
        return None
    weight = cohort.subjects.set_index("subject")["weight"]
    if not pd.api.types.is_numeric_dtype(weight):
        return None
    return weight.reindex(people.ids).reset_index(drop=True)


def _of_arm(phase: str, arm: str, group: str, unit: str, values: pd.Series) -> Iterator[Result]:
    known = values.dropna()
    row = Result(table=TABLE, statistic="n", phase=phase, arm=arm, group=group, unit=unit)
    row = replace(row, n=len(known))
    yield row
    if known.empty:
        return
    numbers = {
        "mean": known.mean(),
        "SD": known.std() if len(known) > 1 else None,
        "median": known.median(),
        "min": known.min(),
        "max": known.max(),
        "sum": known.sum(),
    }
    for statistic, number in numbers.items():
        yield replace(row, statistic=statistic, estimate=None if number is None else float(number))
