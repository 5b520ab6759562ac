"""What was seen, in words for a terminal: columns, layouts, labels that many rows share."""

from collections.abc import Iterator
from typing import Any, Final

from ketaoutcomes.data.identifiers.classes import Finding
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.inspect import Inspection, as_yaml
from ketaoutcomes.data.inspection.looks_like import looks_like
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column
from ketaoutcomes.data.inspection.propose import Proposal
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.schema import editor_line
from ketaoutcomes.plan.reading.typed import restyled
from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.visible import visible

KINDS: Final = {
    "long": "several rows per participant, one for each visit",
    "wide": "one row per participant, visits in columns",
    "one outcome": "one row per participant, one outcome",
    "times": "one row per participant, a time to event",
    "intervals": "rows of start and stop, an event at the end of some",
    "periods": "a crossover, one row per participant and period",
    "pairs": "one row per participant, a column for each of two conditions",
    "open": "several columns may hold the outcome",
    "subjects": "one row per participant, no outcome that is known",
    "study level": "study level: results of whole arms, or effects",
    "totals": "one row per arm: totals of arms, not participants, which no plan can analyse",
    "no codes": "several rows per participant, and no column shows whose each row is: add a code",
    "unknown": "an unrecognised layout",
}
FEW: Final = 12
STUDY_LEVEL: Final = (
    "This file holds results of whole studies, not of participants: a plan with a `synthesis:` "
    "block pools them. Names of authors and addresses of papers in it are public."
)


def inspection_words(seen: Inspection) -> str:
    """Everything that may be shown of a folder."""
    lines: list[str] = []
    for guess in seen.guesses:
        findings = [f for f in seen.findings if f.file == guess.file]
        proposed = any(guess.file in proposal.files for proposal in seen.proposals)
        told = _table(guess, findings, proposed=proposed)
        lines += map(visible, told)
    lines += [visible(sentence) for sentence in seen.twins]
    lines += [visible(f"{problem.place}: {problem.found}") for problem in seen.unreadable]
    for proposal in seen.proposals:
        lines += [visible(f"Proposed for {', '.join(proposal.files)}:"), ""]
        lines += [visible(f"# {line}") for line in comments(proposal)]
        shown = tuple(proposal.plan) if "synthesis" in proposal.plan else ("data",)
        lines += [_written({name: proposal.plan[name] for name in shown})]
    if not seen.proposals:
        lines.append(
            "No plan can be proposed: no file with participants and an outcome was recognised."
        )
    return "\n".join(lines)


def _written(plan: dict[str, Any]) -> str:
    """A plan, or a part of it, with keys and closed values as plans write them now."""
    model = SynthesisPlan if "synthesis" in plan else AnalysisPlan
    return as_yaml(restyled(plan, model))


def plan_words(seen: Inspection) -> str:
    """The likeliest plan, whole."""
    chosen = seen.chosen
    if chosen is None:
        return ""
    names = chosen.files or tuple(p.files[0] for p in seen.proposals)
    head = [
        editor_line(chosen.plan),
        f"# A plan to start from, made by looking at {', '.join(names)}.",
        "# Check every line; complete what says so.",
        *(f"# {line}" for line in comments(chosen)),
    ]
    return "\n".join([*map(visible, head), "", _written(chosen.plan)])


def comments(proposal: Proposal) -> list[str]:
    """Each guess with its reason and what follows from it, and what stays open."""
    decided = [f"Read: {reading.told}." for reading in proposal.readings]
    left = [f"Open: {q.told}." for q in proposal.questions if q.is_open]
    return [*decided, *(f"Note: {remark}." for remark in proposal.remarks), *left]


def _table(guess: Guess, findings: list[Finding], *, proposed: bool) -> Iterator[str]:
    rows = len(next(iter(guess.columns.values())).text)
    yield f"{guess.file}: {rows} rows; {KINDS[guess.kind]}"
    if guess.partner:
        yield f"  (arms and other columns of {guess.partner} joined by participant)"
    for scale, labels in guess.only.items():
        yield f"  (only rows where {scale} is {labels[0]})"
    roles = {column: role for role, column in guess.roles.items()}
    roles |= dict.fromkeys(guess.scores, "score")
    roles |= {c: "score at a visit" for group in guess.wide for c in group.columns.values()}
    roles |= dict.fromkeys(guess.covariates, "covariate")
    width = max(map(len, guess.columns))
    for name, column in guess.columns.items():
        role = roles.get(name, "")
        unsure = role == "subject" or "subject" not in guess.roles
        hidden = unsure or role == "cluster" or any(finding.column == name for finding in findings)
        yield f"  {name:<{width}}  {role:<17} {_content(column, hidden=hidden)}".rstrip()
    for finding in findings:
        yield f"  {finding.column}: looks like {finding.kind} in {finding.rows} rows"
    if guess.kind == "study level":
        yield f"  {STUDY_LEVEL}"
    if not proposed:
        yield from (f"  {sentence}" for sentence in looks_like(guess))
    yield ""


def _content(column: Column, *, hidden: bool) -> str:
    """How full a column is, and its labels where many rows share each."""
    missing = len(column.text) - len(column.told)
    words = ["numbers" if column.numeric else "text" if len(column.told) else "empty"]
    words.append(f"{len(column.counts)} distinct")
    words += [f"{missing} missing"] if missing else []
    labels = column.labels()
    if labels and not hidden and len(column.counts) <= FEW:
        shown = [f"{label} ({column.counts[label]})" for label in labels]
        rest = len(column.counts) - len(labels)
        word = "label" if rest == 1 else "labels"
        shown += [f"{rest} {word} with fewer than {SMALLEST_GROUP} rows"] if rest else []
        words.append(", ".join(shown))
    return "; ".join(words)
