"""Every synthetic plan of the project runs to the end, and again to the same bytes."""

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from displayed import (
    PARTS_OF_AN_ABSTRACT,
    faults_of_words,
    parts_of_summary,
    terms_linked_late,
    unexplained,
)
from folders import contents
from ketaoutcomes.cli.main import main
from ketaoutcomes.cohorts.simulation.scenario import scenario_names
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis
from readability import longest, reading_ease
from repeats import repeats

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
TESTED_ELSEWHERE = {"trd", "maintenance"}
"""Run whole by the tests of the command line."""

SYNTHETIC = {
    path.stem: plan
    for path in sorted(ANALYSES.glob("*.yaml"))
    if not is_synthesis(path) and (plan := read_plan(path)[0]).data.synthetic is not None
}
AGAIN = ("biomarkers", "access")


def run(name: str, out: Path) -> dict[str, bytes]:
    assert main(["run", str(ANALYSES / f"{name}.yaml"), "--out", str(out), "-q"]) == 0
    return contents(out)


def test_every_scenario_has_a_plan() -> None:
    used = {plan.data.synthetic.scenario for plan in SYNTHETIC.values() if plan.data.synthetic}
    assert used == set(scenario_names())


@pytest.mark.usefixtures("few_pairs")
@pytest.mark.parametrize("name", sorted(set(SYNTHETIC) - TESTED_ELSEWHERE))
def test_a_plan_runs_and_every_analysis_has_its_number(name: str, tmp_path: Path) -> None:
    files = run(name, tmp_path / "out")
    results = pd.read_parquet(tmp_path / "out" / "results.parquet")
    assert set(results["status"]) <= {"ok", "warning"}
    assert set(SYNTHETIC[name].analyses) <= set(results["analysis"])
    assert SYNTHETIC[name].study.claimed or not SYNTHETIC[name].compares
    refuse_untrue_numbers(results)
    page = files["report.html"].decode()
    refuse_untrue_words(words_of(page))
    assert repeats(page) == []
    refuse_hard_words(page)
    refuse_days_of_other_size(page, results)
    refuse_idle_terms(page)
    assert faults_of_words(page) == []
    assert parts_of_summary(page) == PARTS_OF_AN_ABSTRACT
    assert unexplained(page) == []
    if name in AGAIN:
        assert run(name, tmp_path / "again") == files


def refuse_untrue_numbers(results: pd.DataFrame) -> None:
    """Limits in order, no p-value of an adverse event, deaths first, counts that add up."""
    limited = results.dropna(subset=["conf_low", "conf_high"])
    assert (limited["conf_low"] <= limited["conf_high"]).all()
    harms = results[results["table"].isin(["aet01", "aet02"])]
    assert harms["p_value"].isna().all()
    for _, overview in harms[harms["table"] == "aet01"].groupby("phase"):
        assert overview["group"].iloc[0] == "deaths"
    missing = results[results["table"] == "mist01"]
    at_visit = missing[missing["statistic"].isin(["observed", "derived", "missing"])]
    for _, here in at_visit.groupby(["endpoint", "visit", "arm"]):
        assert here["estimate"].sum() == here["n"].iloc[0]


def refuse_hard_words(page: str) -> None:
    """The summary for patients: at least "plain English" on Flesch's scale, no long sentence."""
    box = re.search(r'<div[^>]*id="plain-language">(.*?)</div>', page, re.DOTALL)
    assert box is not None
    text = words_of(re.sub(r"<h3>.*?</h3>", "", box[1]))
    assert reading_ease(text) >= 60
    assert longest(text) <= 20


def refuse_days_of_other_size(page: str, results: pd.DataFrame) -> None:
    """Days in the summary for patients are limits of some result in days, to one decimal."""
    box = re.search(r'<div[^>]*id="plain-language">(.*?)</div>', page, re.DOTALL)
    assert box is not None
    told = re.findall(r"between ([\d.,]+) and ([\d.,]+) days", words_of(box[1]))
    limits = results.loc[results["unit"] == "days", ["conf_low", "conf_high"]]
    limits = limits.astype(float).dropna().abs().round(1)
    known = {tuple(sorted(pair)) for pair in limits.itertuples(index=False)}
    for low, high in told:
        assert (float(low.replace(",", "")), float(high.replace(",", ""))) in known


def refuse_idle_terms(page: str) -> None:
    """The glossary has the terms that the page uses, each linked once, where it is first used."""
    entries = re.findall(r'<dt id="(term-[^"]*)"', page)
    links = re.findall(r'<a class="term" href="#([^"]*)"', page)
    assert entries
    assert sorted(links) == sorted(entries)
    assert terms_linked_late(page) == []


def words_of(page: str) -> str:
    """The text of a page without its figures."""
    text = re.sub(r"<(svg|style|script|pre)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)))


def refuse_untrue_words(text: str) -> None:
    """Kinds of sentences that stood on pages and were not true, or said nothing."""
    assert not re.search(r"between (\S+) and \1 ", text)
    assert not re.search(r"∞ to −", text)
    assert "test no hypothesis" not in text
    start = text.index("Abstract Objective")
    answer = text[start : text.index("Participant flow", start)]
    assert "Primary outcome" in answer
