"""A Sphinx extension: every claim, what the evidence says of it, and where it is analysed."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ketaoutcomes.cohorts.evidence.claims import STANCE_WORDS, Claim
from ketaoutcomes.cohorts.evidence.files import read_evidence
from ketaoutcomes.cohorts.simulation.scenario import read_scenario, scenario_names
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis

PAGE = Path(__file__).with_name("claims.md")
ANALYSES = Path(__file__).parents[1] / "analyses"
INTRODUCTION = """\
# Claims about ketamine

Each claim that a plan can name under `study: claims`, with what published evidence says of it. The
last column has the shipped plans that analyse it on simulated data, with the names of their
analyses. Results of simulated data are no evidence for a claim: they show that an analysis recovers
what was assumed.
"""
HEAD = "| claim | published evidence | sources | analysed |"
ALWAYS = "Every report of a plan with claims states it."
NOWHERE = "No scenario has a part for it: no analysis of simulated data is about it."


def setup(app: Any) -> dict[str, bool]:
    """Write the page before Sphinx looks for pages."""
    app.connect("config-inited", lambda *_: PAGE.write_text(claims(), encoding="utf-8"))
    return {"parallel_read_safe": True}


def claims() -> str:
    """The page as Markdown."""
    evidence = read_evidence()
    always = evidence.stated_always()
    parts = [INTRODUCTION]
    for stance, words in STANCE_WORDS.items():
        own = {name: claim for name, claim in evidence.claims.items() if claim.stance == stance}
        parts += [f"## {words[0].upper()}{words[1:]}", "", HEAD, "|---|---|---|---|"]
        for name, claim in own.items():
            sources = "; ".join(evidence.sources[source].words for source in claim.sources)
            where = "<br>".join(_where(name, claim, stated_always=name in always))
            parts.append(f"| `{name}`: {claim.claim} | {claim.says} | {sources} | {where} |")
        parts.append("")
    return "\n".join(parts)


def _where(name: str, claim: Claim, *, stated_always: bool) -> Iterator[str]:
    """The scenarios that bear on a claim, the plans that analyse it, or that there is none."""
    analysed = [
        f"`{file}`: {', '.join(f'`{analysis}`' for analysis in found)}"
        for file, plan in _plans().items()
        if (found := _analyses_of(plan, name))
    ]
    scenarios = [f"`{scenario}`" for scenario in scenario_names() if name in _claims_of(scenario)]
    if analysed or claim.events:
        yield f"simulated: {', '.join(scenarios)}"
    else:
        yield NOWHERE
    yield from analysed
    if claim.events:
        yield f"adverse events: {', '.join(claim.events)}"
    if stated_always:
        yield ALWAYS


@cache
def _claims_of(scenario: str) -> tuple[str, ...]:
    return tuple(read_scenario(scenario).claims)


@cache
def _plans() -> dict[str, AnalysisPlan]:
    """The shipped plans by file name."""
    return {
        path.name: read_plan(path)[0]
        for path in sorted(ANALYSES.glob("*.yaml"))
        if not is_synthesis(path, path.read_text(encoding="utf-8"))
    }


def _analyses_of(plan: AnalysisPlan, name: str) -> tuple[str, ...]:
    """The analyses that a plan names for a claim; its primary ones in a plain list of claims."""
    named = plan.study.claims
    if isinstance(named, dict):
        return tuple(named.get(name, ()))
    if name not in named:
        return ()
    return tuple(n for n, analysis in plan.analyses.items() if analysis.role == "primary")
