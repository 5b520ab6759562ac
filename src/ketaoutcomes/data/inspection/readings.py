"""Every reading of a proposed plan: of its files, participants and arms, and of its outcome."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.data.inspection.amounts import about, heads_in, people_of
from ketaoutcomes.data.inspection.arms import Arms, Block
from ketaoutcomes.data.inspection.column_words import (
    ARM_WORDS,
    PERIOD_WORDS,
    SUBJECT_WORDS,
    rank,
)
from ketaoutcomes.data.inspection.guessed import Guess, Kind
from ketaoutcomes.data.inspection.profile import columns_of
from ketaoutcomes.data.inspection.proposed import Proposed
from ketaoutcomes.data.inspection.questions import Asked
from ketaoutcomes.data.inspection.reading import Reading, answered
from ketaoutcomes.data.inspection.readings_of_scores import of_scores
from ketaoutcomes.data.inspection.readings_of_times import of_times
from ketaoutcomes.data.readers.raw import RawTable

LAYOUTS: Final = {
    "long": ("rows of visits", "participants have several rows, none twice at one visit"),
    "wide": ("one row a participant", "no code stands twice, and columns differ by a visit"),
    "one outcome": ("one row a participant", "no code stands twice, and one column is its outcome"),
    "times": ("one time a participant", "no code stands twice, and a time has a mark of its event"),
    "intervals": ("rows of start and stop", "each row begins where the one before it stopped"),
    "periods": ("one row a participant and period", "participants have one row in each period"),
    "pairs": ("one row a participant", "two columns hold one score under two conditions"),
    "open": ("rows of participants", "a column is their code or each row is one"),
}
"""Kind of a file -> how its rows are read, and why."""
FACTS: Final = tuple(("data", key) for key in ("files", "rows_are_subjects", "derive", "standard"))


def readings_of(seen: Proposed) -> tuple[Reading, ...]:
    """Every reading of a plan, in the order in which they build on each other."""
    return (
        _layout(seen),
        *_whose(seen),
        *_participant(seen),
        *_rows(seen),
        *_arms(seen),
        *_reference(seen),
        *_periods(seen),
        *_covariates(seen),
        *(of_times(seen) if seen.guess.kind in ("times", "intervals") else of_scores(seen)),
    )


def readings_of_rows(
    rows: RawTable, kind: Kind, roles: dict[str, str], asked: Asked, arms: Arms, plan: Block
) -> tuple[Reading, ...]:
    """The readings of a file whose columns are known, such as those of a standard.

    Parameters
    ----------
    rows : RawTable
        The rows that are analysed, with their arms.
    roles : dict of str to str
        Field of the plan -> column; `value` is that of the score.
    """
    columns = columns_of(rows, roles["subject"])
    scores = (roles["value"],) if "value" in roles else ()
    of = {role: column for role, column in roles.items() if column in columns and role != "value"}
    guess = Guess(rows.name, kind, columns, of, scores, asked=asked)
    return readings_of(Proposed(guess, arms, plan))


def _layout(seen: Proposed) -> Reading:
    layout, because = LAYOUTS[seen.guess.kind]
    file = seen.guess.file
    joined = f" and `{seen.guess.partner}`" if seen.guess.partner else ""
    follows = f"{about(seen.rows)} rows of {about(seen.people)} participants"
    return Reading("file", f"`{file}`{joined} is read as {layout}", because, follows, FACTS)


def _whose(seen: Proposed) -> Iterator[Reading]:
    for key in ("whose", "conditions"):
        question = seen.question(key)
        if question is not None:
            follows = f"{about(seen.people)} participants"
            yield answered("participant", question, follows)


def _participant(seen: Proposed) -> Iterator[Reading]:
    guess, path = seen.guess, ("data", "columns", "subject")
    subject = guess.column("subject")
    if subject is None:
        if guess.kind != "open" or "subject" not in seen.columns:
            follows = f"{about(seen.rows)} participants"
            yield Reading(
                "participant",
                "each row is a participant of its own",
                "no column is called after a participant",
                follows,
            )
        return
    if guess.joined:
        because = "a code means another participant in another centre or group"
    elif rank(subject, SUBJECT_WORDS) is not None:
        because = "it is called after one"
    else:
        because = "each of its values stands once at nearly every visit"
    commonest = int(subject.counts.value_counts().idxmax())
    times = "once" if commonest == 1 else f"in {commonest} rows"
    yield Reading(
        "participant",
        f"`{subject.name}` is the code of a participant",
        because,
        f"{about(len(subject.counts))} codes, most of them {times}",
        (path,),
    )


def _rows(seen: Proposed) -> Iterator[Reading]:
    """Rows of one scale, phase or arm that are kept; those of visits are told with the visits."""
    where = ("data", "where")
    question = seen.question("rows")
    if question is not None:
        yield answered("rows", question, f"{about(seen.rows)} rows are used", where)
    arm = seen.guess.column("arm")
    if arm is not None and arm.name in seen.arms.keep and seen.arms_of_rows:
        kept = sum(int(here.sum()) for here in seen.arms_of_rows.values())
        yield Reading(
            "rows",
            f"rows of the arms of `{arm.name}` that the plan names are used",
            "others have no arm, or one of few rows",
            f"{about(seen.rows - kept)} of {about(seen.rows)} rows are left out",
            (where,),
        )
    repeats = seen.guess.repeats
    if repeats is not None:
        yield Reading(
            "rows",
            f"rows without `{repeats.name}` are used",
            "rows of repeating instruments are no visits",
            f"{about(len(repeats.told))} rows are left out",
            (where,),
        )


def _arms(seen: Proposed) -> Iterator[Reading]:
    settles = (
        ("data", "columns", "arm"),
        ("data", "labels", "arm"),
        ("phases", "*", "arms"),
        ("phases", "*", "label"),
    )
    arm, question = seen.guess.column("arm"), seen.question("group")
    if arm is not None:
        sizes = () if seen.arms.group else heads_in(arm, _shown(seen))
        heads = "; ".join(sizes) or f"{about(seen.people)} participants"
        told = rank(arm, ARM_WORDS) is not None
        because = "it is called after a treatment" if told else "no other column holds groups"
        yield (
            answered("arm", question, heads, *settles)
            if question
            else Reading("arm", f"`{arm.name}` holds the arm", because, heads, settles)
        )
        yield from _spelled(seen)
        no_arm = seen.question("no_arm")
        if no_arm is not None:
            yield answered("rows", no_arm, f"{about(seen.rows)} rows in all", ("data", "where"))
        return
    follows = f"{about(seen.people)} participants in one arm, and nothing to compare it with"
    if question is not None:
        yield answered("arm", question, follows, *settles)
        return
    open_groups = seen.arms.group
    yield Reading(
        "arm",
        "groups are not told yet" if open_groups else "all participants are one arm",
        "it is open which column holds them" if open_groups else "no column is taken for arms",
        f"{about(seen.people)} participants" if open_groups else follows,
        settles,
    )


def _shown(seen: Proposed) -> dict[str, str]:
    """Label in the data -> the label of its arm."""
    shown = {name: label for label, name in seen.arms.names.items()}
    return {label: shown[name] for label, name in seen.arms.labels.items()}


def _spelled(seen: Proposed) -> Iterator[Reading]:
    arm = seen.guess.column("arm")
    if arm is None or not (seen.arms.spelled or seen.question("spelling")):
        return
    question = seen.question("spelling")
    if question is not None:
        rows = sum(int(arm.counts[label]) for label in seen.arms.spelled)
        yield answered("arm", question, f"{about(rows)} rows are counted as the other")
        return
    other = list(seen.arms.spelled)
    shown = _shown(seen)
    rows = sum(int(arm.counts[label]) for label in other)
    named = ", ".join(f"`{label}` as `{shown[label]}`" for label in other)
    yield Reading(
        "arm",
        f"one arm is spelled in several ways: {named}",
        "they differ in capitals, spaces or hyphens alone",
        f"{about(rows)} rows are written in the rarer way",
    )


def _reference(seen: Proposed) -> Iterator[Reading]:
    settles = (("phases", "*", "reference"), ("estimands", "*", "treatment"))
    question, arm = seen.question("reference"), seen.guess.column("arm")
    if question is None or arm is None:
        if not (seen.arms.gap or seen.arms.group) and seen.arms.names:
            yield Reading(
                "reference",
                "no arm is a reference",
                "there is one arm",
                f"results are those of about 1 group of {about(seen.people)} participants",
                settles,
            )
        return
    other = next(label for label in seen.arms.names if label != seen.arms.reference)
    several = f", the first of {len(seen.arms.names) - 1} others," if seen.arms.several else ""
    sizes = dict(part.rsplit(": ", 1) for part in heads_in(arm, _shown(seen)))
    follows = (
        f"`{other}` ({sizes[other]}){several} against `{question.taken}` "
        f"({sizes[question.taken]}); with the other one as reference a difference changes its "
        "sign, and a ratio is turned round"
    )
    yield answered("reference", question, follows, *settles)


def _periods(seen: Proposed) -> Iterator[Reading]:
    phase = seen.guess.column("phase")
    if phase is None:
        return
    rows = ", ".join(f"`{v}` {about(int(phase.counts[v]))} rows" for v in phase.labels())
    named = rank(phase, PERIOD_WORDS) is not None
    because = "it is called after a period" if named else "arms change from one to the next"
    yield Reading(
        "periods",
        f"`{phase.name}` holds the period, and participants change arms between periods",
        because,
        rows or f"{len(phase.counts)} periods",
        (("data", "columns", "phase"), ("data", "labels", "phase"), ("data", "where")),
    )


def _covariates(seen: Proposed) -> Iterator[Reading]:
    covariates = [seen.guess.columns[name] for name in seen.guess.covariates]
    if not covariates:
        return
    named = ", ".join(f"`{c.name}`" for c in covariates)
    fewest = min(people_of(c) for c in covariates)
    yield Reading(
        "covariates",
        f"{named} may adjust the result",
        "their names say that they were known before treatment",
        f"each is known of {about(fewest)} participants or more; none is adjusted for yet",
        (("data", "columns", "covariates"),),
    )
