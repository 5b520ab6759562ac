"""Adverse events of the CDISC pilot trial as its published table has them."""

from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.describe.safety.adverse_events import (
    Comparing,
    adverse_event_overview,
    adverse_events_by_term,
)
from ketaoutcomes.describe.safety.population import SafetyPopulation
from ketaoutcomes.results import Result

ARMS = {"Placebo": "placebo", "Xanomeline Low Dose": "low", "Xanomeline High Dose": "high"}
FOLDER = "cdiscpilot01_adam"
FISHER = Comparing(0.95, "fisher")
"""The published table has p-values of Fisher's exact test."""
Table = dict[tuple[str, str, str], Result]


@pytest.fixture(scope="module")
def people(real_data_dir: Path) -> SafetyPopulation:
    """The safety population with treatment-emergent events."""
    adsl = pd.read_csv(real_data_dir / FOLDER / "adsl.csv")
    adae = pd.read_csv(real_data_dir / FOLDER / "adae.csv")
    adsl, adae = adsl[adsl["SAFFL"] == "Y"], adae[adae["TRTEMFL"] == "Y"]
    subjects = pd.DataFrame({"subject": adsl["USUBJID"], "arm": adsl["TRT01A"].map(ARMS)})
    events = pd.DataFrame(
        {
            "subject": adae["USUBJID"],
            "arm": adae["TRTA"].map(ARMS),
            "soc": adae["AESOC"],
            "term": adae["AEDECOD"],
            "severity": adae["AESEV"],
            "serious": adae["AESER"] == "Y",
            "related": adae["AEREL"].isin(["POSSIBLE", "PROBABLE"]),
        }
    )
    subjects = subjects.assign(last_day=float("nan"), reason=None)
    return SafetyPopulation("p", ("placebo", "low", "high"), subjects, events)


def rows_of(people: SafetyPopulation) -> Table:
    rows = (*adverse_event_overview(people, FISHER), *adverse_events_by_term(people, FISHER))
    return {(row.group.split(": ", 1)[-1], row.statistic, row.arm): row for row in rows}


def published(real_data_dir: Path, number: str) -> pd.DataFrame:
    folder = real_data_dir / FOLDER / "original" / "published_tables"
    table = pd.read_csv(folder / f"atorus_{number}.csv", skiprows=1, dtype=str, header=0)
    table.columns = pd.Index(
        [
            *("name", "placebo", "placebo events", "low", "low events", "high", "high events"),
            *("p low", "p high"),
        ]
    )
    return table.replace({"name": {"ANY BODY SYSTEM": "any adverse event"}})


@pytest.mark.parametrize(
    ("number", "only_serious", "least"), [("14-5.01", False, 250), ("14-5.02", True, 3)]
)
def test_every_count_and_p_of_the_published_table(
    real_data_dir: Path, people: SafetyPopulation, number: str, only_serious: bool, least: int
) -> None:
    if only_serious:
        serious = people.events[people.events["serious"]]
        people = SafetyPopulation(people.phase, people.arms, people.subjects, serious)
    found = rows_of(people)
    lines = published(real_data_dir, number).fillna("").to_dict("records")
    assert len(lines) >= least
    for line in lines:
        for arm in people.arms:
            row = found[line["name"], "subjects", arm]
            events = int(line[f"{arm} events"].strip("[]") or 0)
            assert (row.estimate, row.n_events) == (int(line[arm].split("(")[0]), events), line
        for arm in people.arms[1:]:
            p = line[f"p {arm}"].rstrip("*")
            if p:
                row = found[line["name"], "risk difference", arm]
                # Printed with three decimals, or as >.99.
                printed = 1.0 if p.startswith(">") else float(p)
                assert row.p_value == pytest.approx(printed, abs=0.01 if printed == 1 else 5.1e-4)
