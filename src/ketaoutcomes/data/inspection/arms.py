"""The arms of a proposed plan, and which of them is the reference."""

import re
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

from ketaoutcomes.data.inspection.amounts import about
from ketaoutcomes.data.inspection.column_words import (
    ARM_WORDS,
    before_randomisation,
    rank,
)
from ketaoutcomes.data.inspection.groups import NO_GROUP
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.names import names_of, references_in
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column, count_shown
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.plan.gaps import gap

TO_COMPLETE: Final = "to be completed"

HARDLY_ANY: Final = 0.1
"""So small a part of the rows makes no arm."""

Block = dict[str, Any]


@dataclass(frozen=True)
class Arms:
    """The arms of a phase: label -> name, and the rows to keep; one arm has no reference.

    `gap` stands for the reference as long as it is open, and `group` for the column of arms.
    `spelled` holds labels that are other spellings of one of `names`.
    """

    names: dict[str, str]
    reference: str
    keep: Block
    remarks: tuple[str, ...] = ()
    gap: str = ""
    group: str = ""
    spelled: dict[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        """Every label in the data -> name of its arm."""
        return self.names | self.spelled

    def phase(self, label: str, visits: Block | None) -> Block:
        """A phase with these arms."""
        arms = {name: shown for shown, name in self.names.items()}
        block: Block = {"label": label, "arms": self.group or arms}
        if self.gap or self.reference:
            block["reference"] = self.gap or self.names[self.reference]
        return block | ({"visits": visits} if visits else {})

    @property
    def several(self) -> bool:
        """Whether there are more arms than the estimand compares, which are tested together."""
        return len(self.names) > len("ab")

    @property
    def contrast(self) -> Block | str:
        """The first other arm against the reference, or the only arm."""
        if self.group or self.gap:
            return self.group or self.gap
        other = next(label for label in self.names if label != self.reference)
        against = {"reference": self.names[self.reference]} if self.reference else {}
        return {"active": self.names[other], **against}

    def summary(self, of_two: str, of_one: str) -> str:
        """What is asked of two arms, or of one."""
        return of_two if self.reference or self.gap or self.group else of_one


NO_ARM: Final = re.compile(
    r"screen[ _-]*fail|not[ _-]*(?:assigned|randomi[sz]ed|treated|allocated|planned)|unassigned"
    r"|unplanned|withdr[ae]wn?|drop[ _-]*out|unknown|missing|excluded|nicht (?:rand|zugew)"
    r"|non (?:rand|assign)|n/?a$|other$",
    re.IGNORECASE,
)
"""Labels of a column of arms that may be no arm."""
LEFT_OUT: Final = "left out"
ONE_ARM_OF_TWO: Final = "one arm"
"""The answer that two labels are spellings of one arm."""
LONG_ENOUGH: Final = 5
"""Letters of a word in which one other letter is likely a slip."""
ONE_ARM: Final = Arms(
    {TO_COMPLETE: "treated"},
    reference="",
    keep={},
    remarks=("no column holds an arm: the plan has 1 arm and no comparison",),
)
"""Everybody, where a file does not say who was treated how."""

ONE_ARM_CHOSEN: Final = Arms({TO_COMPLETE: "treated"}, reference="", keep={})


def _too_few_to_show(arm: Column, arms: Arms) -> bool:
    """Whether no two arms have labels that may be shown, though more than a few rows have others.

    An arm with hardly anybody in it is left out, which is said.
    """
    if not len(arms.names) < len("ab") <= len(arm.counts):
        return False
    shown = sum(int(arm.counts[label]) for label in arms.names)
    return len(arm.told) - shown > HARDLY_ANY * len(arm.told)


def _arms_of_few(guess: Guess) -> Arms:
    """Arms whose labels may not all be shown, as some have few rows."""
    name = guess.roles["arm"]
    words = (
        f"Arms of `{name}` have fewer than {SMALLEST_GROUP} rows, so that their labels are not "
        "shown here. Write the arms, each as `name: label in the report`"
    )
    return Arms({TO_COMPLETE: "treated"}, "", {}, group=gap(words))


def arms_for(guess: Guess, phases: tuple[str, ...]) -> Arms:
    """The arms that the rows tell, a gap where it is open which column does, or one arm."""
    arm, group = guess.column("arm"), guess.group
    if arm is not None and len(arm.counts) == 1:
        words = (
            f"Rows without a label of `{arm.name}` are another arm. Give them a label by "
            "`derive`, and write both arms as `name: label in the report`"
        )
        return Arms({TO_COMPLETE: "treated"}, "", {}, group=gap(words))
    if arm is not None:
        period = guess.column("phase")
        arms = arms_of(arm, period, phases, guess.asked)
        return _arms_of_few(guess) if _too_few_to_show(arm, arms) else arms
    if group is not None and group.taken in guess.columns:
        words = (
            f"Participants change `{group.taken}` from row to row. Name the period of each row as "
            "`phase`, and this column as `arm`, and write the arms here"
        )
        return Arms({TO_COMPLETE: "treated"}, "", {}, group=gap(words))
    if group is not None and group.taken not in ("", NO_GROUP):
        words = (
            f"The arms are `{group.taken}`. Join both files by a SELECT under `files`, name the "
            "column of arms as `arm`, and write the arms here"
        )
        return Arms({TO_COMPLETE: "treated"}, "", {}, group=gap(words))
    if group is not None and group.is_open:
        return Arms({TO_COMPLETE: "treated"}, "", {}, group=group.gap)
    keys = ("conditions", "visit")
    conditions = any(q.key in keys and q.is_open for q in guess.asked.questions)
    undecided = group is not None or guess.whose_is_open or conditions
    return ONE_ARM_CHOSEN if undecided else ONE_ARM


def heads(arm: Column | None, arms: Arms) -> tuple[str, ...]:
    """Subjects of each arm, as far as enough are in it to say so."""
    if arm is None or arm.subjects is None:
        return ()
    people = arm.subjects.groupby(arm.text).nunique()
    of_arm = {label: int(people.get(label, 0)) for label in arms.names}
    shown = {name: label for label, name in arms.names.items()}
    for label, name in arms.spelled.items():
        of_arm[shown[name]] += int(people.get(label, 0))
    return tuple(f"{label}: {count_shown(n)}" for label, n in of_arm.items() if n)


def arms_of(
    arm: Column, period: Column | None, phases: tuple[str, ...], asked: Asked | None = None
) -> Arms:
    """The arms with enough rows; rows of others are left out, and that is said."""
    labels = arm.labels()
    keep: Block = {}
    if period is not None and phases:
        here = period.text.isin(phases)
        labels = tuple(label for label in labels if (arm.text[here] == label).any())
        keep[period.name] = list(phases)
    remarks: tuple[str, ...] = ()
    sparse = period is None and _told_once(arm)
    if sparse:
        without = about(len(arm.text) - len(arm.told))
        remarks = (
            f"{without} rows without `{arm.name}` have that of the other rows of the participant",
        )
    elif period is None and (len(labels) < len(arm.counts) or len(arm.told) < len(arm.text)):
        keep[arm.name] = list(labels)
    told = _read_labels(arm, labels, asked or Asked())
    keep |= {arm.name: [*told.labels, *told.other]} if told.left_out else {}
    names = names_of(told.labels, "arm")
    spelled = {label: names[same] for label, same in told.other.items()}
    if len(told.labels) < len("ab") or told.gap:
        return Arms(names, "", keep, remarks, told.gap, spelled=spelled)
    question = _reference(arm, told.labels, asked or Asked())
    if len(told.labels) > len("ab") and not question.is_open:
        remarks = (
            *remarks,
            f"the estimand compares 1 of {len(told.labels) - 1} arms with the reference: add one "
            "for each other",
        )
    gap = question.gap if question.is_open else ""
    return Arms(names, question.taken, keep, remarks, gap, spelled=spelled)


@dataclass(frozen=True)
class Labels:
    """The labels of arms, other spellings of them, and what is open of them."""

    labels: tuple[str, ...]
    other: dict[str, str]
    left_out: bool = False
    gap: str = ""


def _read_labels(arm: Column, labels: tuple[str, ...], asked: Asked) -> Labels:
    """Which labels are arms, and which are spellings of one; asked where a label may be neither."""
    labels, other = _spellings(arm, labels)
    labels, no_arm = _without_no_arms(arm, labels, asked)
    other = {label: same for label, same in other.items() if same in labels}
    spelling = _ask_spelling(arm, labels, asked)
    if spelling is not None and spelling.taken == ONE_ARM_OF_TWO:
        rare, common = _nearly_the_same(arm, labels)[0]
        labels = tuple(label for label in labels if label != rare)
        other = {label: common if same == rare else same for label, same in other.items()}
        other |= {rare: common}
    gaps = [q.gap for q in (no_arm, spelling) if q is not None and q.is_open]
    left_out = no_arm is not None and no_arm.taken == LEFT_OUT
    return Labels(labels, other, left_out, next(iter(gaps), ""))


def _spellings(arm: Column, labels: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The commonest spelling of each label, and the others with the one that they stand for."""
    common: dict[str, str] = {}
    for label in sorted(labels, key=lambda label: -int(arm.counts[label])):
        common.setdefault(_plainly(label), label)
    other = {v: common[_plainly(v)] for v in labels if common[_plainly(v)] != v}
    return tuple(label for label in labels if label not in other), other


def _without_no_arms(
    arm: Column, labels: tuple[str, ...], asked: Asked
) -> tuple[tuple[str, ...], Question | None]:
    """The labels without those that say that nobody was treated, once it is answered so."""
    none = tuple(label for label in labels if NO_ARM.search(label))
    if not none or len(labels) - len(none) < len("ab"):
        return labels, None
    named = " and ".join(f"`{label}`" for label in none)
    rows = about(sum(int(arm.counts[label]) for label in none))
    question = asked.decide(
        "no_arm",
        f"Are {named} of `{arm.name}` arms?",
        (
            Choice(LEFT_OUT, f"{rows} rows of nobody who was treated"),
            Choice("arms", f"{rows} rows, compared like others"),
        ),
    )
    kept = tuple(label for label in labels if label not in none)
    return (kept if question.taken == LEFT_OUT else labels), question


def _nearly_the_same(arm: Column, labels: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pairs of labels that one letter of a word tells apart, the rarer first."""
    by_rows = sorted(labels, key=lambda label: int(arm.counts[label]))
    pairs = combinations(by_rows, 2)
    return [(a, b) for a, b in pairs if _one_letter_apart(_plainly(a), _plainly(b))]


def _one_letter_apart(first: str, second: str) -> bool:
    """Whether words differ by one letter, which is no code by itself: `Plasebo`."""
    words, others = first.split(), second.split()
    if len(words) != len(others):
        return False
    differ = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    if len(differ) != 1 or not all(a.isalpha() and len(a) >= LONG_ENOUGH for a in differ[0]):
        return False
    a, b = differ[0]
    begin = _alike(a, b)
    end = _alike(a[begin:][::-1], b[begin:][::-1])
    return max(len(a), len(b)) - begin - end <= 1


def _alike(first: str, second: str) -> int:
    """How many letters two words have in common at their start."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((k for k, (a, b) in pairs if a != b), min(len(first), len(second)))


def _ask_spelling(arm: Column, labels: tuple[str, ...], asked: Asked) -> Question | None:
    """Ask whether labels that are nearly the same are one arm."""
    near = _nearly_the_same(arm, labels)
    if not near:
        return None
    rare, common = near[0]
    rows = f"{about(int(arm.counts[rare]))} rows are `{rare}`"
    return asked.decide(
        "spelling",
        f"`{rare}` and `{common}` differ by a letter. Are they one arm?",
        (
            Choice(ONE_ARM_OF_TWO, f"{rows}, and count as `{common}`"),
            Choice("different arms", f"{rows}, an arm of its own"),
        ),
    )


def _plainly(label: str) -> str:
    """A label in small letters, with one space where spaces or hyphens stand between letters."""
    return re.sub(r"(?<=[^\W\d_])[\s_-]+(?=[^\W\d_])", " ", label.strip().casefold())


def _told_once(arm: Column) -> bool:
    """Whether all arms stand in some rows of each participant alone, as REDCap exports them."""
    if arm.subjects is None or len(arm.told) == len(arm.text):
        return False
    known = arm.text.notna().groupby(arm.subjects)
    return bool(known.any().all()) and len(arm.labels()) == len(arm.counts)


def _reference(arm: Column, labels: tuple[str, ...], asked: Asked) -> Question:
    """The arm that the others are compared with: the only one that names a control, else asked."""
    controls = references_in(labels)
    known = controls[0] if len(controls) == 1 else ""
    because = "its name is that of a control" if known else ""
    of_control = bool(references_in((arm.name,)))
    if labels == ("0", "1") and of_control:
        known, because = "1", f"a column called `{arm.name}` says 1 of controls"
    elif labels == ("0", "1") and rank(arm, ARM_WORDS) is None:
        known, because = "0", f"a column called `{arm.name}` says 0 of those without it"
    elif not known and before_randomisation(arm) and rank(arm, ARM_WORDS) is None:
        known = max(labels, key=lambda label: int(arm.counts[label]))
        because = (
            "it is the larger group, and none of them is a treatment: another one turns the sign "
            "or the ratio round"
        )
    return asked.decide(
        "reference",
        "Which arm is the reference, with which others are compared?",
        [Choice(label, "named as a control" if label in controls else "") for label in labels],
        evident=known,
        because=because,
        default=known or (controls or labels)[0],
    )


def crossover_phases(guess: Guess) -> tuple[str, ...]:
    """Labels of the periods in which several arms are seen."""
    period, arm = guess.column("phase"), guess.column("arm")
    if period is None or arm is None:
        return ()
    seen = arm.text.groupby(period.text).nunique()
    return tuple(label for label in period.labels() if seen.get(label, 0) > 1)
