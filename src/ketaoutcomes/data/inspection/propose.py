"""A starter plan for a file that has been looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Final

from ketaoutcomes.data.inspection.amounts import about, people_of
from ketaoutcomes.data.inspection.arms import (
    TO_COMPLETE,
    Arms,
    Block,
    arms_for,
    crossover_phases,
    heads,
)
from ketaoutcomes.data.inspection.column_words import (
    CENSORED_WORDS,
    EVENT_WORDS,
    SUBJECT_WORDS,
    before_randomisation,
    named,
    rank,
)
from ketaoutcomes.data.inspection.data_block import data_block
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.names import name_of
from ketaoutcomes.data.inspection.noticed import never_back, noticed
from ketaoutcomes.data.inspection.of_scores import (
    Built,
    long_scores,
    one_outcome,
    pairs_of_columns,
    scores_of_periods,
    wide_scores,
)
from ketaoutcomes.data.inspection.of_times import propose_intervals, times_to_event
from ketaoutcomes.data.inspection.profile import Column, count_shown
from ketaoutcomes.data.inspection.proposed import Proposed
from ketaoutcomes.data.inspection.questions import Question
from ketaoutcomes.data.inspection.reading import Reading
from ketaoutcomes.data.inspection.readings import readings_of
from ketaoutcomes.data.inspection.subjects import CLUSTERS, may_be_code
from ketaoutcomes.data.inspection.timed import dates_of
from ketaoutcomes.data.mapping import CENTRE

FEWEST_CLUSTERS: Final = 4


@dataclass(frozen=True)
class Proposal:
    """A plan to start from.

    Attributes
    ----------
    files : tuple of str
    plan : dict
    remarks : tuple of str
        What could not be told from the files.
    questions : tuple of Question
        What was decided and why, and what stays open, as gaps in the plan.
    heads : tuple of str
        How many subjects the plan has in each arm.
    tells_outcome : bool
        Whether a column is known or named as an outcome.
    readings : tuple of Reading
        What the plan settles, each with its reason and its consequence in numbers.
    """

    files: tuple[str, ...]
    plan: Block
    remarks: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    heads: tuple[str, ...] = ()
    tells_outcome: bool = True
    readings: tuple[Reading, ...] = ()


Builder = Callable[[Guess, Arms, tuple[str, ...]], Built]


def propose(guess: Guess, folder_name: str) -> Proposal | None:
    """A starter plan, of one arm where no column tells arms; None where there is no outcome."""
    builders: dict[str, Builder] = {
        "long": long_scores,
        "wide": wide_scores,
        "one outcome": one_outcome,
        "times": times_to_event,
        "intervals": propose_intervals,
        "periods": scores_of_periods,
        "pairs": pairs_of_columns,
        "open": _open,
    }
    if guess.kind not in builders:
        return None
    phases = crossover_phases(guess)
    arms = arms_for(guess, phases)
    plan, remarks = builders[guess.kind](guess, arms, phases)
    if guess.joined:
        plan["data"]["columns"]["subject"] = list(guess.joined)
    study = {
        "id": name_of(folder_name, "study"),
        "title": TO_COMPLETE,
        "question": TO_COMPLETE,
        "condition": TO_COMPLETE,
    }
    files = (guess.file, guess.partner) if guess.partner else (guess.file,)
    return Proposal(
        files,
        {"study": study, **plan},
        (
            *arms.remarks,
            *_joined(guess),
            *_without_repeats(guess),
            *remarks,
            *_not_covariates(guess),
            *noticed(guess),
            *_between_dates(guess),
            *_in_clusters(guess),
            *never_back(guess),
        ),
        tuple(guess.asked.questions),
        heads(guess.column("arm"), arms),
        guess.tells_outcome,
        readings_of(Proposed(guess, arms, plan)),
    )


def _without_repeats(guess: Guess) -> tuple[str, ...]:
    """That rows of repeating instruments are left out, and of which."""
    if guess.repeats is None:
        return ()
    named = [f"`{label}`" for label in guess.repeats.labels()]
    which = f", such as {', '.join(named)}," if named else ""
    return (
        f"{count_shown(len(guess.repeats.told))} rows of repeating instruments{which} are left out "
        "by `where`, as they are not visits",
    )


def _joined(guess: Guess) -> tuple[str, ...]:
    """That arms come from another file with the same subjects, or two columns are a code."""
    if guess.joined:
        *groups, code = guess.joined
        cells = " and ".join(f"`{group}`" for group in groups)
        together = "both" if len(groups) == 1 else "all"
        people = about(len(guess.columns[guess.roles["subject"]].counts))
        return (
            f"`{code}` begins anew in each {cells}, so {together} together are a participant: "
            f"{people} participants",
        )
    subject = guess.column("subject")
    if subject is None:
        asked = any(q.key == "whose" for q in guess.asked.questions)
        return () if asked else _repeated(guess)
    if rank(subject, SUBJECT_WORDS) is None:
        return (
            f"`{subject.name}` is taken for the participant, as each of its values stands once at "
            f"nearly every visit: {about(len(subject.counts))} participants",
        )
    if not guess.partner:
        return ()
    return (
        f"rows of `{guess.partner}` with the same `{subject.name}` are taken for the same "
        f"participant: {about(len(subject.counts))} codes",
    )


def _repeated(guess: Guess) -> tuple[str, ...]:
    """That each row is taken for a participant, where a column may be a code with several rows."""
    codes = [c for c in guess.columns.values() if c.name not in guess.scores and may_be_code(c)]
    even = [c for c in codes if c.counts.nunique() == 1]
    return tuple(
        f"each row is taken for a participant, though `{c.name}` has each value in "
        f"{int(c.counts.iloc[0])} rows: name it as `subject` if it is their code"
        for c in even
    )


def _not_covariates(guess: Guess) -> tuple[str, ...]:
    """Columns that nobody knows to be older than the randomisation."""
    if guess.kind == "open":
        return ()
    used = {*guess.roles.values(), *guess.scores, *guess.covariates}
    used |= {name for group in guess.wide for name in group.columns.values()}
    left = [
        f"`{c.name}` ({about(people_of(c))} participants)"
        for c in guess.columns.values()
        if c.constant and c.name not in used and c.numeric and not before_randomisation(c)
    ]
    if not left:
        return ()
    return (
        "nothing says that these were known before treatment, so they are not covariates: "
        f"{', '.join(left)}",
    )


def _between_dates(guess: Guess) -> tuple[str, ...]:
    """That a time can be calculated where a file has dates and a mark of an event."""
    free = [c for c in guess.columns.values() if c.name not in guess.roles.values()]
    dates = dates_of(free)
    marks = [c for c in named(free, (*EVENT_WORDS, *CENSORED_WORDS)) if c.binary]
    if guess.kind == "times" or len(dates) < len("ab") or not marks:
        return ()
    names = ", ".join(f"`{c.name}` ({about(len(c.told))} rows)" for c in dates)
    return (
        f"{names} hold dates, so that `{marks[0].name}` may be an event with a time: "
        "`derive: {times: {time: 'days_between(first, last)'}}` calculates it from dates such as "
        "2021-05-03",
    )


def _in_clusters(guess: Guess) -> tuple[str, ...]:
    """That whole centres may have been allocated, which no interval of the plan knows of."""
    if "cluster" in guess.roles:
        return ()
    for arm, column in product(_may_be_arms(guess), guess.columns.values()):
        of_groups = CENTRE.search(column.name) or column.words & CLUSTERS
        several = FEWEST_CLUSTERS <= len(column.counts) <= len(column.text) / 2
        if column in (arm, guess.column("subject")) or not of_groups or not several:
            continue
        arms = arm.text.groupby(column.text).nunique()
        if bool(arms.le(1).all()):
            return (
                f"all participants of a `{column.name}` have one `{arm.name}`, as in a cluster "
                f"trial of {about(len(column.counts))} `{column.name}`: the intervals of this plan "
                "count them as independent and are too narrow then",
            )
    return ()


def _may_be_arms(guess: Guess) -> list[Column]:
    """The column of arms, or those that are offered as long as it is open which one tells them."""
    arm, group = guess.column("arm"), guess.group
    if arm is not None:
        return [arm]
    offered = [choice.value for choice in group.choices] if group and group.is_open else []
    return [guess.columns[name] for name in offered if name in guess.columns]


def _open(guess: Guess, arms: Arms, _phases: tuple[str, ...]) -> Built:
    """Subjects and arms; what is analysed stays a gap."""
    question = guess.question
    assert question is not None
    columns: Block = {r: guess.roles[r] for r in ("subject", "arm") if r in guess.roles}
    columns |= {"subject": question.gap} if guess.whose_is_open and "subject" in columns else {}
    role = "visits" if "visit" in guess.roles else "subjects"
    plan: Block = {"data": data_block(guess, arms, role, columns, {"arm": arms.labels})}
    plan["phases"] = {"treatment": arms.phase("Treatment", None)}
    return plan | dict.fromkeys(("endpoints", "estimands", "analyses"), question.gap), ()
