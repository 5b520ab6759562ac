"""One plan for a file of scores and a file of times of the same subjects."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from ketaoutcomes.data.inspection.amounts import about
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.propose import Proposal, propose

SCORED: Final = ("long", "wide")
COMMONLY_SHARED: Final = 0.5
"""Subjects of the larger file who must stand in the other one, too."""
OF_TIMES: Final = ("time", "occurred", "censored", "time_unit")
"""Fields of the data block that speak of the times alone."""
BOTH: Final = (
    "of 2 outcomes the score by visit is primary and the time to event secondary: change `role` "
    "where it is the other way round"
)


def propose_together(guesses: Iterable[Guess], folder_name: str) -> Proposal | None:
    """The plan of scores and times; None where there are not one file of each, or they differ.

    Subjects are the same where one column of codes has the same name in both, and most codes of
    one stand in the other.
    """
    seen = tuple(guesses)
    scored = [guess for guess in seen if guess.kind in SCORED]
    timed = [guess for guess in seen if guess.kind == "times"]
    if len(scored) != 1 or len(timed) != 1 or not _same_subjects(scored[0], timed[0]):
        return None
    by_visit = scored[0].apart()
    of_scores = propose(by_visit, folder_name)
    # the questions of both are asked once: the second plan goes on where the first ended
    of_times = propose(replace(_with_arm_of(timed[0], by_visit), asked=by_visit.asked), folder_name)
    if of_scores is None or of_times is None or len(of_scores.plan["phases"]) > 1:
        return None
    return _joined(of_scores, of_times, _said(timed[0], by_visit))


def _said(timed: Guess, by_visit: Guess) -> str:
    subject = timed.roles["subject"]
    mine, other = (set(guess.columns[subject].told) for guess in (timed, by_visit))
    return (
        f"rows of `{timed.file}` and `{by_visit.file}` with the same `{subject}` are one "
        f"participant: {about(len(mine & other))} are in both"
    )


def _same_subjects(scored: Guess, timed: Guess) -> bool:
    subject = scored.roles.get("subject")
    if subject is None or timed.roles.get("subject") != subject:
        return False
    if {scored.roles.get("arm"), timed.roles.get("arm")} - {None} != {scored.roles.get("arm")}:
        return False
    mine, other = (set(guess.columns[subject].told) for guess in (scored, timed))
    return len(mine & other) >= COMMONLY_SHARED * max(len(mine), len(other))


def _with_arm_of(timed: Guess, scored: Guess) -> Guess:
    """The times with the arms of the scores, where they do not tell them."""
    arm = scored.column("arm")
    if arm is None or "arm" in timed.roles:
        return timed
    subject = timed.roles["subject"]
    of_subject = arm.text.groupby(scored.columns[subject].text).first()
    codes = timed.columns[subject]
    told = replace(arm, text=codes.text.map(of_subject), subjects=codes.text)
    roles, columns = timed.roles | {"arm": arm.name}, timed.columns | {arm.name: told}
    return replace(timed, roles=roles, columns=columns)


def _joined(scores: Proposal, times: Proposal, said: str) -> Proposal:
    """The plan of the scores, with what the times add to it."""
    data: dict[str, Any] = dict(scores.plan["data"])
    other: dict[str, Any] = times.plan["data"]
    data["files"] = data["files"] | other["files"]
    told = {field: other["columns"][field] for field in OF_TIMES if field in other["columns"]}
    data["columns"] = data["columns"] | told
    data |= {field: other[field] for field in ("time_unit",) if field in other}
    labels = data.get("labels", {}) | {
        field: known for field, known in other.get("labels", {}).items() if field == "occurred"
    }
    data |= {"labels": labels} if labels else {}
    where = data.get("where", {}) | other.get("where", {})
    data |= {"where": where} if where else {}
    plan = scores.plan | {"data": data}
    for block in ("endpoints", "estimands", "analyses"):
        plan[block] = {**scores.plan[block], **times.plan[block]}
    plan["analyses"]["time_to_event"] = plan["analyses"]["time_to_event"] | {"role": "secondary"}
    return replace(
        scores,
        files=(*scores.files, *times.files),
        plan=plan,
        remarks=tuple(dict.fromkeys((*scores.remarks, *times.remarks, said, BOTH))),
        readings=tuple(dict.fromkeys((*scores.readings, *times.readings))),
        questions=tuple({question.key: question for question in times.questions}.values()),
    )
