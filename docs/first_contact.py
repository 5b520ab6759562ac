"""Write the page of first contact: what is proposed for public data, and the number that follows.

Run as ``python docs/first_contact.py NEWCOMERS DATA``, the two folders of public datasets.
"""

import csv
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ketaoutcomes.__main__ import main
from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.data.inspection.words import plan_words
from ketaoutcomes.plan.gaps import gaps_in

PAGE = Path(__file__).with_name("first-contact.md")
HEAD = """# First contact

Public datasets as `start` met them: what it asked, and the main number of the plan with these
answers. Written by `docs/first_contact.py`, which runs every plan; no line of a plan was changed by
hand. The reference is R or the publication, where there is one for exactly this number. Numbers of
small groups are rounded or suppressed as in every report.

| dataset | taken as evident | answered | main result | estimate | reference |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Case:
    """A dataset, the answers that somebody who knows it gives, and the result that is compared."""

    folder: str
    answers: dict[str, str]
    result: str
    reference: float | None = None


NEWCOMERS = (
    Case("arthritis", {"reference": "1"}, "time_5/arm_2/arm_1/difference_in_ls_means", 0.3732605),
    Case("cgd", {"outcome": "all events"}, "rifn_g/placebo/rate_ratio", 0.334444),
    Case("indo", {"better": "lower"}, "risk_difference", 0.078),
    Case("licorice", {}, ""),
    Case(
        "mental",
        {"outcome": "Y.t", "reference": "1"},
        "visit_8/arm_2/arm_1/difference_in_ls_means",
        -12.9677,
    ),
    Case("riesby", {"group": "endogenous"}, "week_3/arm_1/arm_0/difference_in_ls_means"),
    Case("schizophrenia2", {"group": "onset", "reference": "> 20 yrs"}, "risk_difference"),
    Case("uis", {"reference": "0"}, "arm_1/arm_0/hazard_ratio", 0.788642),
)
DATA = (
    Case("alda_relapse_and_suicide_survival", {"file": "alcohol_relapse.csv"}, "treated/median"),
    Case("btheb_cbt_bdi", {"file": "btheb_long.csv"}, "time_8/btheb/tau/difference_in_ls_means"),
    Case("cdiscpilot01_adam", {"better": "lower"}, "hazard_ratio"),
    Case(
        "claus2020_placebo_amplification",
        {"file": "claus2020_long.csv", "outcome": "bdi", "baseline": "first visit"},
        "time_4/pa/tau/difference_in_ls_means",
    ),
    Case(
        "depression_small_trials",
        {"file": "koch1977_depression_binary_long.csv"},
        "week_4/new/standard/risk_difference",
    ),
    Case(
        "dia_antidepressant_hamd17",
        {"file": "antidepressant_hamd17_long.csv"},
        "visit_7/drug/placebo/difference_in_ls_means",
        -2.80183,  # nlme::gls of R 4.2.2, unstructured, baseline by visit and arm by visit
    ),
    Case("metapsy_psilocybin_depression_studylevel", {"better": "lower"}, "pooled"),
    Case(
        "nimh_ketamine_crossover_ds005917",
        {"outcome": "MADRS_Total"},
        "day_10/ketamine/placebo/difference_in_ls_means",
    ),
    Case(
        "nimh_schizophrenia_collaborative",
        {"reference": "0"},
        "week_6/arm_1/arm_0/difference_in_ls_means",
    ),
    Case(
        "risperidone_panss_five_trials",
        {"reference": "-1"},
        "week_8/arm_1/minus_1/difference_in_ls_means",
    ),
    Case("smoking_relapse_pharmacotherapy", {}, "combination/patchonly/hazard_ratio"),
)


def line_of(case: Case, root: Path, scratch: Path) -> str:
    """The row of the page of one dataset."""
    folder = root / case.folder
    seen = inspect_folder(folder, "public data", case.answers)
    chosen = seen.chosen
    assert chosen is not None
    evident = ", ".join(q.key for q in chosen.questions if q.because)
    left = [q.key for q in chosen.questions if q.is_open]
    answered = "; ".join(f"{key}: {value}" for key, value in case.answers.items()) or "nothing"
    start = f"| {case.folder} | {evident or 'nothing'} | {answered} |"
    if tuple(gaps_in(chosen.plan)):
        return f"{start} asked, not answered: {', '.join(left)} | | |"
    plan = scratch / f"{case.folder}.yaml"
    plan.write_text(plan_words(seen), encoding="utf-8")
    out = scratch / case.folder
    code = main(["run", str(plan), "--data", str(folder), "--out", str(out), "-q"])
    if code:
        return f"{start} `run` ends with exit code {code} | | |"
    told = _estimate(scratch / case.folder / "results.csv", case.result)
    return f"{start} {told} | {'' if case.reference is None else f'{case.reference:g}'} |"


def _estimate(file: Path, result: str) -> str:
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["id"].endswith(result) or f"{result}/" in row["id"]:
                known = f"{float(row['estimate']):.4g}" if row["estimate"] else row["status"]
                return f"{row['statistic']} | {known}"
    return "no such result |"


def page(newcomers: Path, data: Path) -> str:
    """The whole page."""
    with tempfile.TemporaryDirectory() as scratch:
        lines = [line_of(case, newcomers, Path(scratch)) for case in NEWCOMERS]
        lines += [line_of(case, data, Path(scratch)) for case in DATA]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(Path(sys.argv[1]), Path(sys.argv[2])), encoding="utf-8")
