"""What is kept between runs: found again only where nothing has changed."""

import multiprocessing
import time
from math import nan
from pathlib import Path

import pytest
from pydantic import BaseModel

from ketaoutcomes.cohorts.evidence.files import claims_that_take_analyses, read_evidence
from ketaoutcomes.cohorts.simulation.scenario import read_scenario, scenario_names
from ketaoutcomes.cohorts.truth import _determined_by, true_values
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading import known_keys
from ketaoutcomes.plan.reading.known_keys import schema_of
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.results import Result
from ketaoutcomes.runs import kept as kept_module
from ketaoutcomes.runs.kept import MOST_FILES, VARIABLE, kept, kept_folder

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


class Counter:
    """Counts how often a value is made."""

    def __init__(self, value: object = None) -> None:
        self.calls, self.value = 0, value

    def __call__(self) -> object:
        self.calls += 1
        return self.value


def test_a_value_is_made_once_and_is_the_same_to_the_last_bit(cache: Path) -> None:
    value = {"b": [0.1 + 0.2, 1e-300, float("inf")], "a": [1, None, "größer"]}
    make = Counter(value)
    assert kept("test", [1], make) == value
    assert kept("test", [1], make) == value
    assert list(kept("test", [1], make)) == ["b", "a"]
    assert make.calls == 1
    assert len(list(cache.iterdir())) == 1


def test_another_kind_or_another_cause_is_another_value(cache: Path) -> None:
    made = [kept(kind, cause, Counter([kind, cause])) for kind in "ab" for cause in (1, 2)]
    assert made == [["a", 1], ["a", 2], ["b", 1], ["b", 2]]
    assert len(list(cache.iterdir())) == 4


@pytest.mark.usefixtures("cache")
def test_a_changed_package_never_finds_what_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept("test", 1, Counter("before"))
    monkeypatch.setattr(kept_module, "_package", lambda: "another")
    assert kept("test", 1, Counter("after")) == "after"


@pytest.mark.parametrize("spoilt", [b"", b"{}", b"0" * 64 + b"\n[2]", b"\xff\xfe"])
def test_a_file_that_is_not_the_one_written_is_made_again(cache: Path, spoilt: bytes) -> None:
    make = Counter([1])
    kept("test", 1, make)
    (file,) = cache.iterdir()
    file.write_bytes(spoilt)
    assert kept("test", 1, make) == [1]
    assert kept("test", 1, make) == [1]
    assert make.calls == 2


def test_off_keeps_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "off")
    make = Counter((1, 2))
    assert kept_folder() is None
    assert [kept("test", 1, make), kept("test", 1, make)] == [[1, 2], [1, 2]]
    assert make.calls == 2
    assert not cache.exists()


def test_a_folder_that_cannot_be_written_costs_time_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a file"
    file.write_text("mine")
    monkeypatch.setenv(VARIABLE, str(file))
    assert kept("test", 1, Counter([1])) == [1]
    assert file.read_text() == "mine"


def test_what_fails_is_not_kept(cache: Path) -> None:
    def fail() -> None:
        raise ValueError("no value")

    with pytest.raises(ValueError, match="no value"):
        kept("test", 1, fail)
    assert not cache.exists()


def test_the_oldest_go(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_module, "MOST_FILES", 3)
    for cause in range(5):
        kept("test", cause, Counter(cause))
    assert len(list(cache.iterdir())) == 3 < MOST_FILES


def changed(plan: AnalysisPlan, **changes: object) -> AnalysisPlan:
    return plan.model_copy(update=changes)


def slow() -> list[float]:
    time.sleep(0.2)
    return [0.1 + 0.2]


def test_processes_that_make_the_same_value_at_once_do_no_harm(cache: Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        found = pool.starmap(kept, [("test", 1, slow)] * 8)
    assert found == [[0.1 + 0.2]] * 8
    assert len(list(cache.iterdir())) == 1
    assert kept("test", 1, Counter("never made")) == [0.1 + 0.2]


def of_data(plan: AnalysisPlan, **changes: object) -> AnalysisPlan:
    """The plan with other synthetic data."""
    assert plan.data.synthetic is not None
    synthetic = plan.data.synthetic.model_copy(update=changes)
    return changed(plan, data=plan.data.model_copy(update={"synthetic": synthetic}))


def of_endpoint(plan: AnalysisPlan, name: str, **changes: object) -> AnalysisPlan:
    endpoint = plan.endpoints[name].model_copy(update=changes)
    return changed(plan, endpoints={**plan.endpoints, name: endpoint})


def test_all_that_a_true_value_depends_on_is_part_of_its_name() -> None:
    """Each plan of these has true values of its own; titles and seeds of typical trials do not."""
    plan, _ = read_plan(ANALYSES / "trd.yaml")
    phases = plan.phases | {"induction": plan.phases["induction"].model_copy(update={"visits": {}})}
    own = (
        plan,
        of_data(plan, scenario="maintenance"),
        of_data(plan, subjects=1_000),
        of_data(plan, trial="new"),
        of_data(plan, trial="new", seed=1),
        of_endpoint(plan, "madrs_response", improvement_at_least_percent=40),
        of_endpoint(plan, "madrs_remission", at_most=10),
        changed(plan, phases=phases),
    )
    names = [repr(_determined_by(one, each_strategy=all_)) for one in own for all_ in (True, False)]
    assert len(set(names)) == len(names)
    same = (
        changed(plan, study=plan.study.model_copy(update={"title": "Another"})),
        of_data(plan, seed=1),
        of_data(plan, truth=False),
    )
    assert {repr(_determined_by(one, each_strategy=True)) for one in same} == {names[0]}


@pytest.mark.usefixtures("few_pairs")
def test_true_values_are_kept_by_what_determines_them(cache: Path) -> None:
    whole, _ = read_plan(ANALYSES / "trd.yaml")
    plan = changed(whole, analyses={"primary": whole.analyses["primary"]})
    first = true_values(plan, each_strategy=True)
    assert true_values(plan, each_strategy=True) == first
    synthetic = plan.data.synthetic
    assert synthetic is not None
    for same in (
        changed(plan, study=plan.study.model_copy(update={"title": "Another title"})),
        changed(plan, check="none"),
        changed(
            plan,
            data=plan.data.model_copy(
                update={"synthetic": synthetic.model_copy(update={"seed": 1})}
            ),
        ),
    ):
        assert true_values(same, each_strategy=True) == first
    assert len(list(cache.glob("true-values-*"))) == 1
    handled = {"treatment discontinuation": "treatment policy"}
    estimand = plan.estimands["primary"].model_copy(update={"intercurrent_events": handled})
    other = changed(plan, estimands={**plan.estimands, "primary": estimand})
    assert true_values(other, each_strategy=True) != first
    analysis = plan.analyses["primary"].model_copy(update={"covariates": ("baseline",)})
    true_values(changed(plan, analyses={"primary": analysis}), each_strategy=True)
    assert len(list(cache.glob("true-values-*"))) == 3


def test_the_evidence_is_the_same_however_it_was_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = read_evidence(), read_evidence()
    (file,) = cache.iterdir()
    assert file.name.startswith("evidence-")
    monkeypatch.setenv(VARIABLE, "off")
    assert first == again == read_evidence()
    assert list(first.claims) == list(read_evidence().claims)


@pytest.mark.parametrize("model", [AnalysisPlan, SynthesisPlan])
def test_the_schema_is_the_same_however_it_was_made(model: type[BaseModel], cache: Path) -> None:
    read = schema_of.__wrapped__
    first, again = read(model), read(model)
    (file,) = cache.iterdir()
    assert file.name.startswith("schema-")
    assert first == again == model.model_json_schema()


def test_somebody_elses_family_keeps_no_schema(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_keys, "packages_of", lambda _names: (("other", "1.0"),))
    assert schema_of.__wrapped__(AnalysisPlan) == AnalysisPlan.model_json_schema()
    assert not cache.exists()


def test_scenarios_and_claims_are_the_same_however_they_were_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_scenario.__wrapped__
    kept_ones = [read(name) for _ in range(2) for name in scenario_names()]
    claims = [claims_that_take_analyses() for _ in range(2)]
    assert len(list(cache.glob("scenario-*"))) == len(scenario_names())
    monkeypatch.setenv(VARIABLE, "off")
    assert kept_ones == 2 * [read(name) for name in scenario_names()]
    assert claims == 2 * [claims_that_take_analyses()]


def test_a_visit_without_scores_has_no_true_value_whether_made_or_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`verify` compares rows made now with those of a file, which has no NaN."""
    plan, _ = read_plan(ANALYSES / "dose.yaml")
    row = Result(table="trut01", statistic="difference in means", estimate=nan, std_error=nan)
    monkeypatch.setenv(VARIABLE, "off")
    monkeypatch.setattr("ketaoutcomes.cohorts.truth._found", lambda _, **__: (row,))
    (found,) = true_values(plan)
    assert (found.estimate, found.std_error) == (None, None)
