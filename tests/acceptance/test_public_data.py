"""Every plan on public data runs, with all its numbers, in every layout and format."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ketaoutcomes.__main__ import main
from ketaoutcomes.pipeline import Request, run

ANALYSES = Path(__file__).parents[2] / "analyses"
FOLDERS = {
    "btheb": "btheb_cbt_bdi",
    "claus2020": "claus2020_placebo_amplification",
    "duloxetine_idb": "depression_small_trials",
    "imps79": "nimh_schizophrenia_collaborative",
    "ketamine_crossover": "nimh_ketamine_crossover_ds005917",
    "koch1977": "depression_small_trials",
    "panss": "risperidone_panss_five_trials",
    "three_arm_remission": "depression_small_trials",
}
OTHER_FORMS = {
    "btheb": {
        "files": {"visits": "btheb_long.csv"},
        "columns": {
            "subject": "subject",
            "arm": "treatment",
            "visit": "time",
            "value": "bdi",
            "baseline": "bdi.pre",
            "covariates": {"antidepressant": "drug", "episode_length": "length"},
        },
        "labels": {
            "arm": {"TAU": "usual", "BtheB": "beat_the_blues"},
            "visit": {"2": "Month 2", "3": "Month 3", "5": "Month 5", "8": "Month 8"},
        },
    },
    "claus2020": {"files": {"visits": "claus2020_long.csv"}},
}
"""The same data in another layout, or another format."""


ELSEWHERE = {
    "alda_relapse_and_suicide_survival": "survival plans and their own tests",
    "cdiscpilot01_adam": "tests/reference/test_cdisc_pilot.py",
    "dia_antidepressant_hamd17": "tests/unit/load/test_real_data.py",
    "metapsy_psilocybin_depression_studylevel": "tests/acceptance/test_synthesis.py",
    "smoking_relapse_pharmacotherapy": "tests/unit/load/test_real_data.py",
}


def test_every_public_folder_is_run_by_some_test(real_data_dir):
    folders = {path.name for path in real_data_dir.iterdir() if path.is_dir()}
    assert folders == {*FOLDERS.values(), *ELSEWHERE}


@pytest.mark.parametrize("plan", sorted(FOLDERS.keys() - OTHER_FORMS.keys()))
def test_a_plan_on_public_data_has_all_its_numbers(plan, real_data_dir, tmp_path):
    request = Request(ANALYSES / f"{plan}.yaml", real_data_dir / FOLDERS[plan], tmp_path / "report")
    outcome = run(request, lambda _: None)
    assert outcome.failures == ()
    page = (tmp_path / "report" / "report.html").read_bytes()
    assert main(["report", str(tmp_path / "report")]) == 0  # what was done to the data is in it
    assert (tmp_path / "report" / "report.html").read_bytes() == page


@pytest.mark.parametrize("plan", OTHER_FORMS)
def test_another_form_of_the_data_gives_the_same_bytes(plan, real_data_dir, tmp_path):
    yaml = YAML(typ="safe")
    content = yaml.load((ANALYSES / f"{plan}.yaml").read_text("utf-8"))
    content["data"] |= OTHER_FORMS[plan]
    other = tmp_path / "other.yaml"
    YAML().dump(content, other)
    for path, out in ((ANALYSES / f"{plan}.yaml", "first"), (other, "second")):
        request = Request(path, real_data_dir / FOLDERS[plan], tmp_path / out)
        assert run(request, lambda _: None).failures == ()
    first, second = (tmp_path / out / "results.csv" for out in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
