"""The page of a study of one arm: it tells what was seen, and compares nothing."""

import html
import re
from pathlib import Path

import pytest

from ketaoutcomes.__main__ import main
from one_arm_study import write_study


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("open")
    write_study(folder, dropout=True)
    out = folder / "out"
    options = ["--data", str(folder), "--out", str(out), "-q"]
    assert main(["run", str(folder / "plan.yaml"), *options]) == 0
    return (out / "report.html").read_text(encoding="utf-8")


def words_of(page: str) -> str:
    """What a reader reads, without the plan at the end."""
    text = re.sub(r"<(svg|style|script).*?</\1>", " ", page, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))
    return text[: text.index("study: id: open_study")]


def columns_of(page: str, table: str) -> list[str]:
    """Headings of the columns of a table."""
    part = page[page.index(f'id="{table}"') :]
    heads = re.findall(r"<thead>.*?</thead>", part, flags=re.DOTALL)[0]
    cells = re.findall(r"<th[^>]*>(.*?)</th>", heads, flags=re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells if cell]


def test_the_answer_is_in_words_with_intervals_and_no_test(page: str) -> None:
    words = words_of(page)
    answer = words[words.index("Abstract") : words.index("Participant flow Figure")]
    assert (
        "At Week 4 the mean change in MADRS with the drug was −15.0 points (95% CI −17." in answer
    )
    assert "Response at Week 4 with the drug: 40.0% (95% CI 28.6 to 52.6)." in answer
    assert (
        "Relapse in 45 of 60 participants with the drug, after a median of 30.5 days (95% CI"
        in answer
    )
    assert "This was a single-arm study." in answer
    assert "p =" not in answer
    assert "p <" not in answer


def test_nothing_on_the_page_speaks_of_a_comparison(page: str) -> None:
    words = words_of(page)
    words = words.replace("compared with none", "")
    words = words.replace("which cancels in a comparison", "").replace("a difference is read", "")
    words = words.replace("against the standard normal", "")
    for word in (
        *("compar", "difference", "odds ratio", "hazard", "log-rank", "randomi", "placebo"),
        *(
            "standardised mean difference",
            "Newcombe",
            "Miettinen",
            "Fisher",
            "minus",
            "against",
            "number needed",
        ),
        *("either arm", "arm, visit", "forest", "significan"),
    ):
        assert word not in words, words[max(0, words.index(word) - 80) :][:160]


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("dst01-treatment", ["The drug"]),
        ("dmt01-treatment", ["The drug"]),
        ("mmrmt01-change", ["Visit", "n", "LS mean (95% CI)", "SE", "df"]),
        ("rspt01-response", ["n/N", "Estimate (95% CI)"]),
        ("inct01-exact", ["n/N", "% (95% CI)", "Upper bound"]),
        ("geet01-equations", ["Visit", "n", "% (95% CI)"]),
        ("ttet01-relapse", ["The drug"]),
        ("cift01-relapse", ["The drug"]),
        (
            "impt-change",
            [
                *(
                    "Assumption",
                    "Mean (95% CI)",
                    "SE",
                    "df",
                    "Monte Carlo error",
                    "Monte Carlo error of SE",
                ),
                "Fraction of missing information",
            ],
        ),
        ("aet01-treatment", ["The drug"]),
    ],
)
def test_tables_have_one_column_of_subjects_and_none_of_comparisons(page, table, columns) -> None:
    assert columns_of(page, table) == columns


def test_the_calls_in_r_and_sas_compare_no_arm(page: str) -> None:
    """Rows are found by their arm, and nothing is compared with a reference."""
    words = words_of(page)
    title = "Equivalent code in R, SAS and Python Each"
    calls = words[words.index(title) : words.rindex("Glossary: scales, terms and abbreviations")]
    assert "CHG ~ AVISIT" in calls
    assert "AVISIT + us(AVISIT | USUBJID)" in calls
    assert "lsmestimate AVISIT 'later' [-1, 1] [1, 2] / cl;" in calls
    assert 'add_curves(d, conf.type = "log-log"' in calls
    assert 'add_restricted_means(d, tau = 60, arms = "drug")' in calls
    assert 'mice::mice(w, m = 20, method = "norm", seed = 1' in calls
    assert not re.search(r"coxph|survdiff|diff cl|two <-|TRTP \*", calls)
    assert set(re.findall(r'reference = "([^"]*)"', calls)) <= {""}


def test_intervals_say_that_covariates_are_given(page: str) -> None:
    words = words_of(page)
    assert words.count("treat the observed covariates as fixed") == 3
    title = "Mixed model for repeated measures ({})"
    methods = words.index("Estimands and methods", words.index("Abstract"))
    primary = words.index(title.format("primary"), methods)
    adjusted = words.index(title.format("sensitivity; adjusted for baseline"), methods)
    unadjusted = words.index(title.format("sensitivity; unadjusted"), methods)
    assert primary < adjusted < unadjusted
    assert "as fixed" not in words[primary:adjusted]
    assert "as fixed" in words[adjusted:unadjusted]


def test_every_number_is_explained(tmp_path: Path, capsys) -> None:
    write_study(tmp_path)
    options = ["--data", str(tmp_path), "--out", str(tmp_path / "out"), "-q"]
    assert main(["run", str(tmp_path / "plan.yaml"), *options]) == 0
    for name in ("mmrmt01/change/week_4/drug/ls_mean", "ttet01/relapse/drug/restricted_mean"):
        capsys.readouterr()
        assert main(["explain", name, str(tmp_path / "out")]) == 0
        told = capsys.readouterr().out
        assert "no other arm" in told
        assert "difference" not in told
