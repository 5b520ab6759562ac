"""The data block of a proposed plan: files, columns, labels and rows."""

from typing import Final

from ketaoutcomes.data.inspection.arms import Arms, Block
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.names import names_of
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column, count_shown
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.inspection.two_values import (
    grades,
    may_be_shown,
    two_codes,
    two_values,
    two_words,
)
from ketaoutcomes.plan.gaps import gap


def rows_with(mark: Column, value: str) -> str:
    """How many rows have a value."""
    return f"{count_shown(int(mark.counts[value]))} rows"


def data_block(guess: Guess, arms: Arms, role: str, columns: Block, labels: Block) -> Block:
    """What every data block has."""
    covariates = {name: column for column, name in names_of(guess.covariates, "x").items()}
    files = {role: guess.file} | ({"subjects": guess.partner} if guess.partner else {})
    block: Block = {"files": files, "columns": columns}
    block |= {} if "subject" in guess.roles else {"rows_are_subjects": True}
    if arms.group and "arm" not in guess.roles:
        columns["arm"] = arms.group
    if arms.group and "arm" in labels:
        labels["arm"] = {}
    block["columns"] |= {"covariates": covariates} if covariates else {}
    if "arm" not in guess.roles:
        del labels["arm"]
    labels |= _turned(guess)
    block["labels"] = {field: known for field, known in labels.items() if changed(known)}
    keep = arms.keep | guess.only
    keep |= {guess.repeats.name: ""} if guess.repeats is not None else {}
    block |= {"where": {role: keep}} if keep else {}
    return {key: value for key, value in block.items() if value}


def _turned(guess: Guess) -> Block:
    """Words become 0 and 1."""
    if not guess.scores:
        return {}
    column = guess.columns[guess.scores[0]]
    if column.numeric and not two_codes(column):
        return {}
    return {"value": read_words(guess)[0]}


def read_words(guess: Guess) -> tuple[Block | str, str]:
    """What the words of a score are in numbers, or a gap, and the word for a 1.

    Of more than two words it is asked which one is the event.
    """
    column = guess.columns[guess.scores[0]]
    coded = two_codes(column)
    told = ("0", "1") if column.numeric else two_values(column) if two_words(column) else None
    hidden = two_words(column) and not may_be_shown(column)
    if not coded and told is not None and not hidden:
        no, yes = told
        return {no: 0, yes: 1}, yes
    if hidden:
        words = (
            f"A value of `{column.name}` has fewer than {SMALLEST_GROUP} rows, so that it is not "
            "shown here. Write both values as `no: 0` and `yes: 1`"
        )
        return gap(words), "1"
    question = _ask_grade(guess.asked, column)
    if question.is_open:
        return question.gap, "the event"
    label = question.taken.removeprefix(NOT)
    others = int(question.taken.startswith(NOT))
    return {word: int(word == label) ^ others for word in _words_of(column)}, question.taken


NOT: Final = "not "
"""What stands before a word if all others are the event."""


def _ask_grade(asked: Asked, column: Column) -> Question:
    """Which of several words is the event; asked once."""
    known = next((q for q in asked.questions if q.key == "event"), None)
    if known is not None:
        return known
    words = _words_of(column)
    return asked.decide(
        "event",
        f"Which value of `{column.name}` is the event? The others are without it.",
        [
            *(Choice(word, rows_with(column, word)) for word in words),
            *(
                Choice(f"{NOT}{word}", "any of the others")
                for word in words
                if len(words) > len("01")
            ),
        ],
    )


def _words_of(column: Column) -> tuple[str, ...]:
    return tuple(sorted(map(str, column.counts.index))) if two_words(column) else grades(column)


def changed(labels: Block | str) -> bool:
    """Whether labels become other words, or are a gap."""
    return isinstance(labels, str) or any(str(label) != str(name) for label, name in labels.items())
