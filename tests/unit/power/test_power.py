"""Many synthetic trials: the same numbers however they are run, and what is made of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cli.main import main
from ketaoutcomes.errors import PlanError
from ketaoutcomes.families.repeated_measures import batched
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.power.design import Cell, Chunk, cells, chunks
from ketaoutcomes.power.replicates import COLUMNS, Job, run_chunk
from ketaoutcomes.power.summary import summarise
from ketaoutcomes.power.workers import run_chunks
from ketaoutcomes.results import Result
from tolerances import SAME_OPTIMUM

ROOT = Path(__file__).resolve().parents[3]
TRD = ROOT / "analyses" / "trd.yaml"


def plan_with(**power: object) -> AnalysisPlan:
    """The plan with another grid, its analyses looked at alone."""
    plan, _ = read_plan(TRD)
    changes = {"families": (), **power}
    return plan.model_copy(update={"power": plan.power.model_copy(update=changes)})


def test_chunks_hold_every_replicate_of_every_cell_once() -> None:
    plan = plan_with(replicates=120, subjects=(40, 60))
    numbers: dict[Cell, list[int]] = {cell: [] for cell in cells(plan)}
    for chunk in chunks(plan):
        numbers[chunk.cell] += range(chunk.first, chunk.first + chunk.size)
    assert len(numbers) == 6  # two sizes: with the effect, with those of new trials, with none
    assert all(found == list(range(120)) for found in numbers.values())


def test_a_longer_simulation_begins_with_the_shorter_one() -> None:
    job = Job(plan_with(analyses=("primary",)))
    cell = Cell(40, "scenario")
    short, long = (run_chunk(job, Chunk(cell, 0, size)) for size in (3, 6))
    numbers = ["estimate", "std_error"]
    np.testing.assert_allclose(short[numbers], long[numbers][:3], rtol=SAME_OPTIMUM)


def test_the_batched_fit_is_the_fit_of_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    job, chunk = Job(plan_with(analyses=("primary",))), Chunk(Cell(120, "scenario"), 0, 4)
    together = run_chunk(job, chunk)
    monkeypatch.setattr(batched, "can_be_batched", lambda *_: False)
    alone = run_chunk(job, chunk)
    assert (together["message"] == "").all()
    numbers = ["estimate", "std_error", "conf_low", "conf_high"]
    np.testing.assert_allclose(together[numbers], alone[numbers], rtol=SAME_OPTIMUM)
    # p-values carry the error of the degrees of freedom, far in the tail
    np.testing.assert_allclose(together["p_value"], alone["p_value"], rtol=1e-4)


@pytest.mark.parametrize(("workers", "cluster"), [(2, None), (1, "local")])
def test_workers_do_not_change_the_numbers(
    tmp_path: Path, workers: int, cluster: str | None
) -> None:
    plan = plan_with(analyses=("response",), replicates=60, subjects=(40,))
    alone = run_chunks(Job(plan), chunks(plan), tmp_path / "1", 1, None, print)
    shared = run_chunks(Job(plan), chunks(plan), tmp_path / "2", workers, cluster, print)
    assert alone.keys() == shared.keys()
    for chunk, table in alone.items():
        pd.testing.assert_frame_equal(table, shared[chunk])


@pytest.mark.parametrize("address", ["nonsense://x", "host"])
def test_a_cluster_that_cannot_be_reached_is_told(tmp_path: Path, address: str) -> None:
    plan = plan_with(analyses=("response",), replicates=2, subjects=(40,))
    with pytest.raises(PlanError, match=f"`{address}`") as caught:
        run_chunks(Job(plan), chunks(plan), tmp_path, 1, address, print)
    assert "--cluster" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    plan = plan_with(analyses=("response",), replicates=100, subjects=(40,), effect=("scenario",))
    whole = run_chunks(Job(plan), chunks(plan), tmp_path, 1, None, print)
    first, second = sorted(tmp_path.iterdir())
    first.unlink()
    told: list[str] = []
    stamp = second.stat().st_mtime_ns
    again = run_chunks(Job(plan), chunks(plan), tmp_path, 1, None, told.append)
    assert told == ["1 of 2 chunks were done before", "2 of 2 chunks"]
    assert second.stat().st_mtime_ns == stamp
    for chunk, table in whole.items():
        pd.testing.assert_frame_equal(table, again[chunk])


def test_without_a_work_folder_nothing_is_kept_and_nothing_is_said_of_it() -> None:
    plan = plan_with(analyses=("response",), replicates=100, subjects=(40,), effect=("scenario",))

    def stop(_step: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stopped:
        run_chunks(Job(plan), chunks(plan), None, 1, None, stop)
    assert not hasattr(stopped.value, "__notes__")


def test_without_an_effect_the_arms_are_alike() -> None:
    """The estimates centre on zero within four Monte-Carlo errors, and far from the true -4."""
    job = Job(plan_with(analyses=("primary",)))
    estimates = run_chunk(job, Chunk(Cell(200, "none"), 0, 50))["estimate"]
    error = estimates.std() / np.sqrt(len(estimates))
    assert abs(estimates.mean()) < 4 * error < 2


def by_hand(
    plan: AnalysisPlan, truth: Result | None, effect: str = "scenario"
) -> dict[str, Result]:
    """Four replicates and one that failed."""
    table = pd.DataFrame(
        {
            "analysis": "primary",
            "replicate": range(5),
            "entered": [40.0, 40.0, 39.0, 38.0, 38.0],
            "estimate": [-2.0, -4.0, -6.0, -4.0, np.nan],
            "std_error": [1.0, 1.0, 2.0, 1.0, np.nan],
            "conf_low": [-4.0, -6.0, -10.0, -6.0, np.nan],
            "conf_high": [0.0, -2.0, -2.0, -2.0, np.nan],
            "p_value": [0.06, 0.001, 0.01, 0.02, np.nan],
            "message": ["", "", "", "", "no fit"],
        }
    )
    rows = summarise(plan, {Cell(40, effect): table}, {"primary": truth})  # type: ignore[arg-type]
    return {row.statistic: row for row in rows}


def test_summaries_by_hand() -> None:
    """Morris, White & Crowther 2019, table 6, worked by hand."""
    truth = Result(table="trut01", statistic="difference in means", estimate=-3.0, std_error=0.3)
    rows = by_hand(plan_with(), truth)
    assert rows["bias"].estimate == pytest.approx(-1.0)
    spread = np.sqrt(8 / 3)
    assert rows["bias"].std_error == pytest.approx(np.hypot(spread / 2, 0.3))
    assert rows["standard deviation of estimates"].estimate == pytest.approx(spread)
    assert rows["standard deviation of estimates"].std_error == pytest.approx(spread / np.sqrt(6))
    assert rows["mean standard error"].estimate == pytest.approx(np.sqrt(7 / 4))
    assert rows["coverage"].estimate == 1.0
    assert rows["power"].estimate == 0.75
    assert rows["power"].std_error == pytest.approx(np.sqrt(0.75 * 0.25 / 4))
    assert (rows["not estimated"].estimate, rows["not estimated"].message) == (0.2, "no fit (1)")
    assert rows["subjects entered"].estimate == 39.0
    assert rows["subjects entered"].std_error == pytest.approx(1 / np.sqrt(5))


def test_no_effect_means_a_true_value_of_zero_and_a_type_one_error() -> None:
    rows = by_hand(plan_with(), None, "none")
    assert rows["bias"].estimate == pytest.approx(-4.0)
    assert rows["coverage"].estimate == 0.25
    assert rows["type I error"].estimate == 0.75


def test_an_unknown_truth_is_said_and_power_remains() -> None:
    rows = by_hand(plan_with(), None)
    assert "not known" in rows["bias"].message
    assert "coverage" not in rows
    assert rows["power"].estimate == 0.75


def test_nothing_estimated_is_a_failure() -> None:
    why = ["no fit"] + [f"follow-up ends at day {day}" for day in (12.5, 9, 130)]
    table = pd.DataFrame({"analysis": "primary", "message": why}, columns=COLUMNS)
    rows = summarise(plan_with(), {Cell(40, "scenario"): table}, {"primary": None})
    assert rows[0].message == "follow-up ends at day 12.5 (3); no fit (1)"
    assert rows[-1].status == "failed"


def test_the_command_writes_a_report_that_repeats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "trd.yaml"
    plan.write_text(TRD.read_text("utf-8").replace("[primary, relapse]", "[primary]"), "utf-8")
    words = ["power", str(plan), "--replicates", "20", "--subjects", "40", "--workers", "1", "-q"]
    for name in ("one", "two"):
        work = ["--out", str(tmp_path / name), "--work", str(tmp_path / "work" / name)]
        assert main([*words, *work]) == 0
    pages = [(tmp_path / name / "report.html").read_bytes() for name in ("one", "two")]
    assert pages[0] == pages[1]
    assert b"Type I error" in pages[0]
    assert capsys.readouterr().err == ""


def test_real_data_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["power", str(ROOT / "analyses" / "hamd17.yaml"), "--out", str(tmp_path / "r")]) == 2
    )
    assert "cohort, whose true values are known" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_a_seed_belongs_to_a_chunk_and_not_to_a_cell() -> None:
    chunk = Chunk(Cell(40, "scenario"), 3, 50)
    assert chunk.seed(1) == replace(chunk, cell=Cell(80, "none")).seed(1)
    assert len({replace(chunk, number=n).seed(1) for n in range(100)}) == 100


def three_trials(
    analysis: str, plan: AnalysisPlan, truth: Result | None, **columns: list[float]
) -> dict[str, Result]:
    given = {"p_value": [np.nan] * 3, **columns}
    which = {"analysis": analysis, "replicate": range(3), "entered": 40.0, "message": ""}
    table = pd.DataFrame({**which, **given})
    cell = Cell(40, "scenario" if truth is not None else "none")
    return {row.statistic: row for row in summarise(plan, {cell: table}, {analysis: truth})}


def rate_ratio_plan() -> AnalysisPlan:
    plan, _ = read_plan(ROOT / "analyses" / "maintenance.yaml")
    return plan


RATES = {
    "estimate": [0.4, 0.5, 1.25],
    "std_error": [0.2, 0.3, 0.4],
    "conf_low": [0.2, 0.3, 0.6],
    "conf_high": [0.8, 0.9, 2.5],
}


def test_ratios_are_summarised_on_the_scale_of_their_logarithm() -> None:
    """By hand: the logarithms of 0.4, 0.5 and 1.25 sum to that of 0.25."""
    truth = Result(table="trut01", statistic="rate ratio", estimate=0.5, std_error=0.01)
    rows = three_trials("severe_episodes", rate_ratio_plan(), truth, **RATES)
    assert rows["true value"].estimate == pytest.approx(0.5)
    assert rows["bias"].estimate == pytest.approx(np.log(0.25) / 3 - np.log(0.5))
    spread = np.std(np.log(RATES["estimate"]), ddof=1)
    assert rows["standard deviation of estimates"].estimate == pytest.approx(spread)
    assert rows["bias"].std_error == pytest.approx(np.hypot(spread / np.sqrt(3), 0.01))
    assert rows["mean standard error"].estimate == pytest.approx(np.sqrt(0.29 / 3))
    assert rows["coverage"].estimate == pytest.approx(2 / 3)


def test_a_ratio_without_an_effect_is_one() -> None:
    rows = three_trials("severe_episodes", rate_ratio_plan(), None, **RATES)
    assert rows["true value"].estimate == 1.0
    assert rows["bias"].estimate == pytest.approx(np.log(0.25) / 3)
    assert rows["coverage"].estimate == pytest.approx(1 / 3)
    # no trial gives a p-value: an interval that leaves out one rejects
    assert rows["type I error"].estimate == pytest.approx(2 / 3)


def test_a_trial_without_p_value_is_judged_by_its_interval() -> None:
    ends = {"conf_low": [-3.0, -3.0, np.nan], "conf_high": [-1.0, 1.0, np.nan]}
    rows = three_trials(
        "primary", plan_with(), None, estimate=[-2.0, -1.0, 0.0], std_error=[0.5, 1.0, 1.0], **ends
    )
    assert rows["type I error"].estimate == 0.5


@pytest.mark.parametrize("effect", ["scenario", "none"])
def test_the_power_of_a_margin_is_that_to_show_non_inferiority(effect: str) -> None:
    """A rise of the MADRS is worse: the upper limit must lie below the margin."""
    plan = plan_with()
    primary = plan.analyses["primary"].model_copy(update={"margin": 2.0})
    plan = plan.model_copy(update={"analyses": {**plan.analyses, "primary": primary}})
    truth = Result(table="trut01", statistic="difference in means", estimate=0.0)
    rows = three_trials(
        "primary",
        plan,
        truth if effect == "scenario" else None,
        estimate=[0.0, 0.5, 1.0],
        std_error=[0.5, 0.5, 0.5],
        conf_low=[-1.0, -0.5, 0.0],
        conf_high=[1.0, 1.5, 2.0],
        p_value=[1.0, 0.3, 0.04],
    )
    name = "power" if effect == "scenario" else "power with equal treatments"
    assert rows[name].estimate == pytest.approx(2 / 3)
    assert "type I error" not in rows


@pytest.mark.parametrize(
    ("plan_name", "analysis", "summary", "reason"),
    [
        ("maintenance", "relapse", "hazard ratio", "difference in restricted mean time"),
        ("single_dose", "duration", None, "not the same participants"),
        ("access", "access", None, "no participant is allocated"),
    ],
)
def test_why_there_is_no_true_value(
    plan_name: str, analysis: str, summary: str | None, reason: str
) -> None:
    plan, _ = read_plan(ROOT / "analyses" / f"{plan_name}.yaml")
    name = plan.analyses[analysis].estimand
    changed = plan.estimands[name].model_copy(update={"summary": summary} if summary else {})
    plan = plan.model_copy(update={"estimands": {**plan.estimands, name: changed}})
    unknown = Result(table="trut01", statistic="")
    rows = three_trials(analysis, plan, unknown, **RATES)
    assert reason in rows["bias"].message
    assert rows["bias"].status == "warning"
