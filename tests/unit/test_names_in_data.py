"""Names of a plan that no row has: refused where the data spell them otherwise, else reported."""

from pathlib import Path
from typing import Any

import pytest

from ketaoutcomes.errors import KetaOutcomesError
from ketaoutcomes.names_in_data import mentions_of
from ketaoutcomes.pipeline import Prepared, Request, prepare
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis
from ketaoutcomes.remarks import Remark

PLAN = """\
study: {{id: c, title: Case, question: Later?, condition: depression}}
data:
  files: {{visits: v.csv, events: e.csv, subjects: s.csv, adverse_events: a.csv}}
  columns: {{subject: id, arm: arm, visit: visit, day: day, value: score, event: event,
    reason: why, term: term}}
  scale: MADRS
phases:
  t: {{label: T, arms: {{ctl: Control, act: Active}}, reference: ctl,
    visits: {{Baseline: {{day: 1}}, Week 2: {{day: 15}}, Week 4: {{day: 29}}}}}}
endpoints:
  rel: {{kind: time_to_relapse, phase: t,
    any_of: [{{scale: MADRS, at_least: 30}}, {{event: {criterion}}}]}}
  again: {{kind: recurrent_events, phase: t, events: [{recurrent}]}}
estimands:
  e: {{population: All, treatment: {{active: act, reference: ctl}}, endpoint: rel,
    intercurrent_events: {{{intercurrent}: {strategy}}}, summary: hazard ratio}}
  r: {{population: All, treatment: {{active: act, reference: ctl}}, endpoint: again,
    intercurrent_events: {{rescue: treatment policy}}, summary: rate ratio}}
analyses:
  a: {{estimand: e, role: primary, model: time_to_event, rmst_days: 20,
    competing: [{competing}], time_varying: [{{event: {changing}}}]}}
  b: {{estimand: r, role: secondary, model: recurrent_events}}
safety: {{rare_events: [{rare}]}}
report: {{smallest_cell: 1}}
"""
RIGHT = {
    "criterion": "hospitalisation",
    "recurrent": "fall",
    "intercurrent": "rescue",
    "strategy": "hypothetical",
    "competing": "withdrew consent",
    "changing": "dose reduction",
    "rare": "Cystitis",
}


def write(folder: Path, further_event: str = "") -> None:
    """Eight participants; two had each event."""
    ids = [f"S{i}" for i in range(1, 9)]
    arms = ["act", "ctl"] * 4
    visits = ["id,arm,visit,day,score"]
    subjects = ["id,day,why"]
    for place, (one, arm) in enumerate(zip(ids, arms, strict=True)):
        for visit, day in (("Baseline", 1), ("Week 2", 15), ("Week 4", 29)):
            score = 32 if place < 4 and day == 29 else 15 + place
            visits.append(f"{one},{arm},{visit},{day},{score}")
        subjects.append(f"{one},29,{'withdrew consent' if place > 5 else 'completed'}")
    events = ["id,day,event"]
    for event in ("hospitalisation", "fall", "rescue", "dose reduction", further_event):
        events += [f"{one},{day},{event}" for one, day in (("S5", 9), ("S6", 12)) if event]
    files = {"v.csv": visits, "s.csv": subjects, "e.csv": events}
    files["a.csv"] = ["id,day,term", "S1,3,Cystitis", "S2,4,Headache"]
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def prepared(folder: Path, further_event: str = "", **names: str) -> Prepared:
    write(folder, further_event)
    plan = folder / "plan.yaml"
    plan.write_text(PLAN.format(**{**RIGHT, **names}), encoding="utf-8")
    return prepare(Request(plan=plan), lambda _: None)


def told(found: Prepared, word: str) -> Remark:
    return next(remark for remark in found.remarks if f"`{word}`" in remark.what)


def test_names_that_the_data_have_are_not_spoken_of(tmp_path: Path) -> None:
    assert not [r for r in prepared(tmp_path).remarks if "has the" in r.what]


@pytest.mark.parametrize(
    ("place", "written", "meant"),
    [
        ("criterion", "Hospitalization", "hospitalisation"),
        ("recurrent", "Falls", "fall"),
        ("intercurrent", "RESCUE", "rescue"),
        ("competing", "Withdrew-consent", "withdrew consent"),
        ("changing", "dose red", "dose reduction"),
        ("rare", "cystitis", "Cystitis"),
    ],
)
def test_another_spelling_is_refused_with_the_line(
    tmp_path: Path, place: str, written: str, meant: str
) -> None:
    with pytest.raises(KetaOutcomesError) as caught:
        prepared(tmp_path, **{place: written})
    (problem,) = caught.value.problems
    line = int(problem.place.rsplit(":", 2)[1])
    text = (tmp_path / "plan.yaml").read_text(encoding="utf-8").splitlines()
    assert written in " ".join(text[line - 1 : line + 1])
    assert f"did you mean `{meant}`" in problem.remedy


@pytest.mark.parametrize(
    ("place", "gravity", "analyses"),
    [
        ("criterion", "warning", ("a",)),
        ("recurrent", "warning", ("b",)),
        ("intercurrent", "warning", ("a",)),
        ("competing", "note", ("a",)),
        ("changing", "warning", ("a",)),
        ("rare", "note", ()),
    ],
)
def test_a_name_that_no_row_has_is_reported_with_its_analyses(
    tmp_path: Path, place: str, gravity: str, analyses: tuple[str, ...]
) -> None:
    remark = told(prepared(tmp_path, **{place: "earthquake"}), "earthquake")
    assert remark.gravity == gravity
    assert remark.analyses == analyses
    assert ".csv has" in remark.what


def test_under_treatment_policy_the_absence_of_an_event_is_a_note(tmp_path: Path) -> None:
    found = prepared(tmp_path, intercurrent="earthquake", strategy="treatment policy")
    assert told(found, "earthquake").gravity == "note"


def test_events_that_nothing_names_are_reported_with_a_count(tmp_path: Path) -> None:
    remark = told(prepared(tmp_path, "electroconvulsive therapy"), "electroconvulsive therapy")
    assert remark.count == 2
    assert remark.gravity == "note"


def test_a_rare_event_that_only_the_events_have_is_a_warning(tmp_path: Path) -> None:
    """A suicide attempt was a relapse on the page, and 0 of 114 among the rare events."""
    remark = told(prepared(tmp_path, "cystitis"), "Cystitis")
    assert (remark.count, remark.gravity) == (2, "warning")
    assert "adverse events only" in remark.what


def test_a_reason_that_reads_like_completion_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path)
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN.format(**RIGHT), encoding="utf-8")
    text = (tmp_path / "s.csv").read_text(encoding="utf-8")
    (tmp_path / "s.csv").write_text(text.replace("completed", "completed the study"), "utf-8")
    remark = told(prepare(Request(plan=plan), lambda _: None), "completed the study")
    assert (remark.count, remark.gravity) == (6, "warning")


def synthetic(folder: Path, event: str, scale: str = "MADRS") -> Path:
    path = folder / "plan.yaml"
    path.write_text(
        f"""\
study: {{id: s, title: S, question: Q?, condition: depression}}
data: {{synthetic: {{scenario: dose, seed: 1, subjects: 60}}}}
phases:
  infusion: {{label: I, arms: {{midazolam: M, ketamine_0_5: K}}, reference: midazolam,
    visits: {{Baseline: {{hours: 0}}, Day 2: {{day: 2}}}}}}
endpoints: {{c: {{kind: change, phase: infusion, scale: {scale}}}}}
estimands:
  c: {{population: All, treatment: {{active: ketamine_0_5, reference: midazolam}}, endpoint: c,
    visit: Day 2, intercurrent_events: {{{event}: hypothetical}}, summary: difference in means}}
analyses: {{c: {{estimand: c, role: primary, model: mmrm}}}}
""",
        encoding="utf-8",
    )
    return path


def test_a_scenario_that_cannot_make_the_event_says_so(tmp_path: Path) -> None:
    found = prepare(Request(plan=synthetic(tmp_path, "earthquake")), lambda _: None)
    remark = told(found, "earthquake")
    assert remark.what.startswith("Scenario `dose` does not have")
    assert remark.gravity == "warning"
    with pytest.raises(KetaOutcomesError, match="did you mean `treatment discontinuation`"):
        prepare(Request(plan=synthetic(tmp_path, "Discontinuation of treatment")), lambda _: None)


def test_a_scale_without_scores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KetaOutcomesError, match="which no row has"):
        prepare(
            Request(plan=synthetic(tmp_path, "treatment discontinuation", "HAM-A")),
            lambda _: None,
        )


def test_every_shipped_plan_mentions_what_it_names() -> None:
    """Whatever key of a plan is called `event`, `events` or `competing` is looked for."""
    for path in sorted((Path(__file__).parents[2] / "analyses").glob("*.yaml")):
        if is_synthesis(path):
            continue
        plan, _ = read_plan(path)
        looked_for = {mention.name for mention in mentions_of(plan)}
        used = {plan.estimands[a.estimand].endpoint for a in plan.analyses.values()}
        parts: list[Any] = [plan.endpoints[name].model_dump() for name in used]
        parts += [analysis.model_dump() for analysis in plan.analyses.values()]
        assert set(_events(parts)) <= looked_for, path.stem


def _events(part: Any, key: str = "") -> list[str]:
    if isinstance(part, dict):
        return [name for k, value in part.items() for name in _events(value, k)]
    if isinstance(part, list | tuple):
        return [name for value in part for name in _events(value, key)]
    return [part] if key in ("event", "events", "competing") and isinstance(part, str) else []
