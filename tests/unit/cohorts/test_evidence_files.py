"""The evidence files: their faults are told by line, and they say what the register says."""

from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from ketaoutcomes.cohorts.evidence.files import read_evidence
from ketaoutcomes.cohorts.evidence.precision import precision_of
from ketaoutcomes.cohorts.evidence.records import PublishedResult
from ketaoutcomes.errors import DataError

SMALL = {
    "results.yaml": """\
- {id: TF12SEX-013, trial: transform_1_2, arm: esketamine, statistic: mean change, day: 28,
   value: -19.69, n: 310, sd: 13.48, source: jones_2022}
- {id: TF12SEX-015, trial: transform_1_2, arm: placebo, statistic: mean change, day: 28,
   value: -15.87, n: 208, sd: 14.51, source: jones_2022}
- {id: BR-007, trial: transform_2, arm: esketamine, statistic: response, day: 28,
   value: 69.3, n: 114, source: katz_2021}
""",
    "sources.yaml": """\
jones_2022: {cite: Jones et al. 2022, doi: 10.1007/s00737-021-01185-6}
katz_2021: {cite: Katz et al. 2021, doi: 10.1002/cpt.2024}
""",
    "trials.yaml": """\
transform_1_2: {label: TRANSFORM-1 and -2, condition: depression, design: two arms}
transform_2: {label: TRANSFORM-2, condition: depression, design: two arms}
""",
    "claims.yaml": """\
esketamine:
  claim: Esketamine treats treatment-resistant depression.
  stance: supported
  says: The difference is about four points.
  results: [BR-007]
  sources: [katz_2021]
""",
}


@pytest.fixture
def folder(tmp_path) -> Path:
    for name, text in SMALL.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def faults_after(folder: Path, name: str, old: str, new: str) -> list[str]:
    """The faults of the files after one change of text."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_evidence(folder)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "words"),
    [
        ("results.yaml", "source: jones_2022", "source: jnes_2022", 2, "`jones_2022`?"),
        ("results.yaml", "trial: transform_1_2", "trial: transfrm_1_2", 1, "`transform_1_2`?"),
        ("results.yaml", "id: TF12SEX-015", "id: TF12SEX-013", 3, "a name used once"),
        ("results.yaml", "id: TF12SEX-013", "vlue: 3, id: TF12SEX-013", 1, "`value`?"),
        ("results.yaml", "n: 310, sd: 13.48", "n: 310", 1, "a way to its standard error"),
        ("results.yaml", "n: 310, sd: 13.48", "tolerance: 2.0", 2, "`assumed` beside"),
        ("results.yaml", "value: -19.69", "value: .nan", 2, "finite"),
        ("results.yaml", "arm: placebo", "arm: esketamine", 3, "one entry for a number"),
        ("results.yaml", "day: 28", "day: 28, day: 29", 1, "once in its block"),
        ("claims.yaml", "sources: [katz_2021", "sources: [kat_2021", 6, "`katz_2021`?"),
        ("claims.yaml", "results: [BR-007", "results: [BRR-007", 5, "`BR-007`?"),
        ("claims.yaml", "stance: supported", "stance: suported", 3, "`supported`?"),
        ("sources.yaml", "doi: 10.1002/cpt.2024", "doi: none", 2, "pattern"),
    ],
)
def test_a_fault_is_told_with_its_line(folder, name, old, new, line, words):
    faults = faults_after(folder, name, old, new)
    told = next((fault for fault in faults if words in fault), None)
    assert told is not None, faults
    assert told.startswith(f"{name}:{line}:")


def test_all_faults_are_told_in_one_pass(folder):
    text = SMALL["results.yaml"].replace("source: jones_2022", "source: jones_202")
    (folder / "results.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_evidence(folder)
    assert len(caught.value.problems) == 2


def test_every_claim_of_the_documents_is_there_with_its_stance(evidence_dir):
    written = YAML(typ="safe").load(evidence_dir / "claims.yaml")
    carried = read_evidence().claims
    assert [claim["id"] for claim in written] == list(carried)[: len(written)]
    for claim in written:
        assert carried[claim["id"]].claim == claim["claim"]
        assert carried[claim["id"]].stance == claim["stance"]


def test_claims_stated_in_every_report_are_the_contradicted_ones():
    evidence = read_evidence()
    assert evidence.stated_always() == tuple(
        name for name, claim in evidence.claims.items() if claim.stance == "contradicted"
    )


def test_a_claim_without_sources_is_one_that_nobody_studied():
    without = [claim for claim in read_evidence().claims.values() if not claim.sources]
    assert {claim.stance for claim in without} == {"unstudied"}


def test_a_claim_with_evidence_and_no_source_is_refused(folder):
    text = SMALL["claims.yaml"].replace("sources: [katz_2021]", "sources: []")
    assert text != SMALL["claims.yaml"]
    (folder / "claims.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="names its `sources`"):
        read_evidence(folder)


@pytest.fixture(scope="module")
def register(evidence_dir) -> dict[str, dict[str, object]]:
    """Entries of the register by id."""
    entries = {}
    for name in ("published_results_trd.yaml", "published_results_other.yaml"):
        entries |= {entry["id"]: entry for entry in YAML(typ="safe").load(evidence_dir / name)}
    return entries


def printed() -> list[PublishedResult]:
    """Results of the register; others are computed from a public dataset, or were found later."""
    results = read_evidence().results
    return [result for result in results if result.computed is None and not result.later]


def test_only_verified_entries_are_carried(register):
    assert len(printed()) > 250
    for result in printed():
        assert register[result.register_id]["verified"] is True, result.id


def test_values_are_those_of_the_register(register):
    for result in printed():
        entry = register[result.register_id]
        entries = [entry.get(key) for key in ("value", "value_comparator", "sd")]
        numbers = [abs(number) for number in entries if isinstance(number, int | float)]
        if result.statistic == "relapse" and result.trial == "mcinnes_2022":
            numbers = [100 - number for number in numbers]  # kept response, told as lost
        if result.statistic == "completed":
            numbers += [100 - number for number in numbers]  # some registers tell who stopped
        rounding = 0.5 if result.events is not None else 1e-9
        middle = result.assumed is not None and result.assumed.startswith("middle of")
        assert middle or any(abs(abs(result.value) - n) <= rounding for n in numbers), result.id


def test_every_verified_entry_is_a_result_or_says_why_it_is_none(register):
    """One or the other, and no third: nothing of the register is left out in silence."""
    carried = {result.register_id for result in printed()}
    left = [entry.id for entry in read_evidence().not_carried]
    verified = {name for name, entry in register.items() if entry["verified"]}
    assert len(left) == len(set(left))
    assert not carried & set(left)
    assert carried | set(left) == verified


def test_a_result_is_of_the_publication_that_the_register_names(register):
    dois = {name: entry.get("doi") or entry.get("source_doi") for name, entry in register.items()}
    sources = read_evidence().sources
    of_another = {
        result.id: source.doi
        for result in printed()
        if (source := sources[result.source]).doi is not None
        and (dois[result.register_id] or source.doi).lower() != source.doi.lower()
    }
    assert of_another == {}


def test_sizes_errors_and_limits_are_those_of_the_register_unless_assumed(register):
    for result in printed():
        if result.assumed is not None or result.derived is not None:
            continue
        entry = register[result.register_id]
        if result.se is not None:
            assert result.se == entry["se"], result.id
        if result.ci is not None and entry["ci_low"] is not None:
            assert sorted(map(abs, result.ci)) == sorted(
                abs(entry[key]) for key in ("ci_low", "ci_high")
            ), result.id


def test_what_was_found_later_is_in_no_register_and_has_a_source_of_its_own(register):
    later = [result for result in read_evidence().results if result.later]
    assert later
    of_the_register = {result.source for result in printed()}
    for result in later:
        assert result.register_id not in register, result.id
        assert result.source not in of_the_register, result.id


def test_a_tolerance_of_ours_is_called_assumed():
    for result in read_evidence().results:
        if precision_of(result).origin == "assumed":
            assert result.assumed


@pytest.fixture(scope="module")
def hamd17(real_data_dir) -> pd.DataFrame:
    """Scores of the HAM-D17 trial: one row a patient, visits by days after the first dose."""
    path = real_data_dir / "dia_antidepressant_hamd17" / "antidepressant_hamd17_long.csv"
    long = pd.read_csv(path).replace({"VISIT": {4: 7, 5: 14, 6: 28, 7: 42}})
    wide = long.pivot_table(index=["THERAPY", "PATIENT"], columns="VISIT", values="HAMDTL17")
    wide[0] = long.groupby(["THERAPY", "PATIENT"])["BASVAL"].first()
    return wide


def test_what_is_computed_is_what_the_public_dataset_gives(hamd17):
    found = [r for r in read_evidence().results if r.computed and r.id.startswith("DIA")]
    assert len(found) > 15
    for result in found:
        arm = "DRUG" if result.id.startswith("DIA-DRUG") else "PLACEBO"
        value, n = computed(hamd17.loc[arm], result)
        assert abs(value - result.value) < 0.006, result.id
        assert result.n in (n, None), result.id


@pytest.fixture(scope="module")
def crossover(real_data_dir) -> pd.DataFrame:
    """MADRS of the patients of the crossover: one row a patient and infusion, columns by day."""
    folder = real_data_dir / "nimh_ketamine_crossover_ds005917"
    long = pd.read_csv(folder / "ketamine_crossover_long.csv").query("group == 'MDD'")
    keys = ["TRT", "participant_id"]
    wide = long[long["TRT"] != "Baseline"].pivot_table(
        index=keys, columns="DAY", values="MADRS_Total"
    )
    wide[0] = (
        long.groupby("participant_id")["BASE_MADRS_Total"]
        .first()
        .reindex(wide.index.get_level_values("participant_id"))
        .to_numpy()
    )
    return wide


def test_what_is_computed_of_the_crossover_is_what_the_public_dataset_gives(crossover):
    found = [r for r in read_evidence().results if r.computed and r.id.startswith("NIMH")]
    assert len(found) == 9
    for result in found:
        scores = crossover.loc["Placebo" if result.arm == "placebo" else "Ketamine"]
        day = scores[round(result.at_hours / 24)]
        change = (day - scores[0]).dropna()
        if result.statistic == "correlation":
            value = day.corr(scores[round(result.with_hours / 24)])
        else:
            value = change.mean() if result.statistic == "mean change" else change.std()
        assert abs(value - result.value) < 0.0006, result.id
        assert result.n == len(change), result.id


def computed(wide: pd.DataFrame, result: PublishedResult) -> tuple[float, int]:
    if result.statistic == "severity before leaving":
        gaps = pd.DataFrame()
        for day, later in ((7, [14, 28, 42]), (14, [28, 42]), (28, [42])):
            last = wide.loc[wide[day].notna() & wide[later].isna().all(axis=1), day]
            goes_on = wide.loc[wide[later].notna().any(axis=1), day]
            gap = (last.mean() - goes_on.mean()) / wide[day].std()
            gaps.loc[day, ["size", "part"]] = last.size, last.size * gap
        return gaps["part"].sum() / gaps["size"].sum(), 0
    # day 28 of a four-week trial, 27 days after the first dose, stands for the visit at 28 days
    day = {27: 28}.get(round(result.at_hours / 24), round(result.at_hours / 24))
    if result.statistic == "response":
        seen = wide[day].notna()
        return 100 * (wide[day] <= wide[0] / 2)[seen].mean(), int(seen.sum())
    other = round(result.with_hours / 24)
    pair = wide[[other, day]].sub(wide[0] if "change" in result.statistic else 0, axis=0)
    return pair.corr().iloc[0, 1], int(wide[day].notna().sum())
