"""Published tables of the CDISC pilot, made again from its ADaM datasets.

The tables are those of the study report as Atorus Research published them (files
`atorus_14-*.csv`), and the Kaplan-Meier plot of the R submissions pilot 3. What is not covered:

- 14-3.01, 14-3.03, 14-3.07, 14-3.08, 14-3.10, 14-3.11, tlf-primary (ADAS-Cog), 14-3.12 (NPI-X):
  their analysis datasets are not in the folder.
- 14-1.02 and 14-2.01 p-values, age and weight classes: the report gives standardised differences
  instead of tests between randomised arms; the counts and moments are compared.
- 14-1.02 counts of leavers before week 24: the plan's follow-up is to the end of treatment; the
  reasons of subjects who left at any time are compared with ADSL.
- dose-response p-values of 14-3.02 and 14-3.04: treatment is a factor in this package.
"""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.data import load_cohort
from ketaoutcomes.describe.safety.describe import safety_tables
from ketaoutcomes.families.fitting import derive_endpoint, fit_analysis
from ketaoutcomes.pipeline import Request, run
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.results import ResultTable

PLAN = Path(__file__).parents[2] / "analyses" / "cdisc_pilot.yaml"
ARMS = ("placebo", "low", "high")
HALF_A_DIGIT = 0.5
"""The tables print rounded numbers: a half of the last digit, and a thousandth for ties."""


@pytest.fixture(scope="module")
def adam(real_data_dir):
    return real_data_dir / "cdiscpilot01_adam" / "original"


@pytest.fixture(scope="module")
def published(adam):
    """Rows of a published table by their first words."""

    def read(name: str) -> list[list[str]]:
        path = adam / "published_tables" / f"atorus_{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return [[cell.strip() for cell in row] for row in csv.reader(file)]

    return read


@pytest.fixture(scope="module")
def report(adam, tmp_path_factory):
    """The folder of the report."""
    out = tmp_path_factory.mktemp("report")
    run(Request(plan=PLAN, data_folder=adam, out=out), lambda _: None)
    return out


@pytest.fixture(scope="module")
def page(report):
    """The page as text."""
    return (report / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def results(report):
    """The results table of the plan."""
    return pd.read_csv(report / "results.csv", dtype={"group": str, "arm": str}).fillna(
        {"group": "", "arm": "", "visit": "", "analysis": ""}
    )


def numbers_of(cell: str) -> list[float]:
    """`4.3 ( 0.77)` holds two numbers, `-0.1 (0.13)` too."""
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", cell)]


def agrees(value: float, printed: str) -> bool:
    """Whether a number is printed so, to the digits that it has."""
    digits = len(printed.partition(".")[2])
    return abs(value - float(printed)) <= HALF_A_DIGIT * 10**-digits * 1.001


def select(results, **keys):
    chosen = results
    for key, value in keys.items():
        chosen = chosen[chosen[key] == value]
    return chosen


def test_populations(results, published):
    """14-1.01: treated, in the efficacy population, and complete."""
    rows = {row[0]: row[1:4] for row in published("14-1.01")}
    for statistic, analysis, label in (
        ("assigned", "", "Intent-To-Treat (ITT)"),
        ("completed", "", "Complete Study"),
        ("analysed", "cibic_high", "Efficacy"),
        ("analysed", "dermatologic_high", "Safety"),
    ):
        found = select(results, table="dst01", statistic=statistic, analysis=analysis)
        counts = found.set_index("arm")["n"]
        assert [counts[arm] for arm in ARMS] == [numbers_of(cell)[0] for cell in rows[label]]


@pytest.mark.parametrize(
    ("variable", "label"),
    [
        ("age", "Age (y)"),
        ("mmse", "MMSE"),
        ("bmi", "Baseline BMI"),
        ("weight", "Baseline weight(kg)"),
    ],
)
def test_demographics_in_numbers(results, published, variable, label):
    """14-2.01: n, mean, SD, median, least and greatest."""
    rows = published("14-2.01")
    start = next(i for i, row in enumerate(rows) if row[0] == label)
    for row, statistic in zip(
        rows[start : start + 6], ("n", "mean", "SD", "median", "min", "max"), strict=True
    ):
        for arm, printed in zip((*ARMS, ""), row[2:6], strict=True):
            (found,) = select(
                results, table="dmt01", group=variable, statistic=statistic, arm=arm
            ).itertuples()
            value = found.n if statistic == "n" else found.estimate
            assert agrees(value, printed), (statistic, arm)


def test_demographics_in_counts(results, published):
    """14-2.01: sex; race as in tlf-demographic-pilot3.out, which does not part origins."""
    rows = {row[1]: row[2:5] for row in published("14-2.01")}
    for level, label in (("M", "Male"), ("F", "Female")):
        found = select(results, table="dmt01", group=f"sex: {level}", statistic="count")
        counts = found.set_index("arm")["estimate"]
        assert [counts[arm] for arm in ARMS] == [numbers_of(cell)[0] for cell in rows[label]]


def test_race_as_the_pilot_3_table(results, adam):
    text = (adam / "published_tables" / "tlf-demographic-pilot3.out").read_text("utf-8")
    for level in ("WHITE", "BLACK OR AFRICAN AMERICAN", "AMERICAN INDIAN OR ALASKA NATIVE"):
        printed = re.search(rf"^  {level} +(\d+) +(\d+) +(\d+)", text, re.MULTILINE)
        counts = select(results, table="dmt01", group=f"race: {level}", statistic="count")
        found = counts.set_index("arm")["estimate"]
        assert printed is not None
        assert [found[arm] for arm in ARMS] == [float(count) for count in printed.groups()]


@pytest.mark.parametrize(("table", "visit"), [("14-3.02", "Week 24"), ("14-3.04", "Week 8")])
def test_clinicians_impression(adam, published, table, visit):
    """14-3.02 and 14-3.04: ANCOVA of the last score with treatment and site group."""
    plan = read_plan(PLAN)[0].model_dump(exclude_none=True)
    visits = plan["phases"]["treatment"]["visits"]
    plan["phases"]["treatment"]["visits"] = {"Baseline": visits["Baseline"], visit: visits[visit]}
    plan["data"]["where"]["visits"] |= {"AVISIT": (visit,)}
    plan["estimands"]["cibic_high"]["visit"] = visit
    whole = read_plan(PLAN)[0].model_validate(plan)
    cohort = load_cohort(whole, adam)
    endpoint = derive_endpoint(whole, "cibic_high", cohort)
    fitted = fit_analysis(whole, "cibic_high", endpoint)
    rows = {(row[0], index): row[1:] for index, row in enumerate(published(table))}
    told = {label: cells for (label, _), cells in reversed(rows.items())}
    raw = endpoint.frame.groupby("arm")["score"]
    for arm, counted, moments in zip(ARMS, told["n"], told["Mean (SD)"], strict=True):
        mean, deviation = re.findall(r"[\d.]+", moments)
        assert raw.count()[arm] == int(counted)
        assert agrees(raw.mean()[arm], mean)
        assert agrees(raw.std()[arm], deviation)
    differences = {
        row.arm: row for row in fitted.results if row.statistic == "difference in LS means"
    }
    for column, arm in ((1, "low"), (2, "high")):
        row = differences[arm]
        printed = re.findall(r"-?[\d.]+", told["Diff of LS Means (SE)"][column])
        assert agrees(row.p_value, told["p-value(Xan - Placebo) [1][3]"][column])
        assert agrees(row.estimate, printed[0])
        assert agrees(row.std_error, printed[1])
        low, high = re.findall(r"-?[\d.]+", told["95% CI"][column])
        assert agrees(row.conf_low, low)
        assert agrees(row.conf_high, high)


@pytest.fixture(scope="module")
def with_fishers_test(adam):
    """The tables of safety with the p-values of the published ones."""
    plan, _ = read_plan(PLAN)
    safety = plan.safety.model_copy(update={"p_values": "fisher"})
    plan = plan.model_copy(update={"safety": safety})
    rows = ResultTable(safety_tables(plan, load_cohort(plan, adam)))
    return rows.to_frame()


def test_deaths(results):
    """ADSL: DTHFL is Y for two on placebo and one on the low dose; ADAE has three fatal events."""
    overview = results[results["table"] == "aet01"]
    assert overview["group"].iloc[0] == "deaths"
    for group in ("deaths", "fatal adverse event"):
        found = select(overview, group=group, statistic="subjects").set_index("arm")["estimate"]
        assert found.to_dict() == {"placebo": 2, "low": 1, "high": 0}


def test_classes_over_the_threshold_are_all_on_the_page(results, page):
    """Psychiatric disorders have 10 of 86, 10 of 84 and 8 of 84, and no term of 5%."""
    shares = select(results, table="aet02", statistic="proportion")
    classes = shares[~shares["group"].str.contains(": ") & (shares["estimate"] >= 0.05)]
    assert "PSYCHIATRIC DISORDERS" in set(classes["group"])
    for name in classes["group"].unique():
        assert f">{name.capitalize()}<" in page


def test_adverse_events(with_fishers_test, published):
    """14-5.01: subjects, events and Fisher's exact p of every class and term."""
    soc, compared = "", 0
    harms = with_fishers_test[with_fishers_test["table"].isin(["aet01", "aet02"])]
    by_key = {
        (row.table, row.group.upper(), row.arm, row.statistic): row
        for row in harms.itertuples()
        if row.group
    }
    socs = {group.upper() for group in harms["group"] if ": " not in group}
    for label, *cells in published("14-5.01")[2:]:
        if label == "ANY BODY SYSTEM":
            table, group = "aet01", "ANY ADVERSE EVENT"
        else:
            table = "aet02"
            soc = label if label in socs else soc
            group = label if label in socs else f"{soc}: {label}"
        for arm, subjects, events in zip(ARMS, cells[0:6:2], cells[1:6:2], strict=True):
            found = by_key[table, group, arm, "subjects"]
            assert found.estimate == numbers_of(subjects)[0], (group, arm)
            assert found.n_events == (numbers_of(events)[0] if events else 0), (group, arm)
        for arm, printed in zip(ARMS[1:], cells[6:8], strict=True):
            compared += _same_p(by_key[table, group, arm, "risk difference"].p_value, printed)
    assert compared > 300


def _same_p(value, printed):
    """Whether Fisher's p is printed so; an empty cell has none."""
    if not printed:
        return 0
    text = printed.rstrip("*")
    assert value > 0.99 if text == ">.99" else agrees(value, text)
    return 1


def test_serious_adverse_events(results, published):
    """14-5.02: any serious event."""
    any_serious = published("14-5.02")[2][1:]
    found = select(results, table="aet01", group="serious", statistic="subjects").set_index("arm")
    assert [found["estimate"][arm] for arm in ARMS] == [
        numbers_of(cell)[0] for cell in any_serious[0:6:2]
    ]


AT_RISK = {  # tlf-kmplot-pilot3.pdf, days 0, 20, ..., 180
    "placebo": (86, 75, 65, 59, 50, 47, 45, 42, 40, 35),
    "low": (84, 58, 31, 20, 14, 12, 8, 6, 6, 5),
    "high": (84, 48, 31, 14, 7, 4, 4, 4, 4, 3),
}


def test_time_to_the_first_dermatologic_event(results):
    """The numbers at risk that the Kaplan-Meier plot of pilot 3 prints."""
    curve = select(results, table="kmt01", analysis="dermatologic_high", statistic="survival")
    for arm, printed in AT_RISK.items():
        here = curve[curve["arm"] == arm].set_index("group")["n"]
        told = [here[f"day {day}"] for day in range(20, 200, 20)]
        assert told == list(printed[1:]), arm
