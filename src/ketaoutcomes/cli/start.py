"""From data to a plan: on a terminal by a few questions, elsewhere by answers or with gaps."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from ketaoutcomes.cli.schema import say_editors_need_it
from ketaoutcomes.cli.terminal import say
from ketaoutcomes.errors import CommandError, ExitCode, Problem, did_you_mean
from ketaoutcomes.visible import visible

if TYPE_CHECKING:
    from ketaoutcomes.data.inspection.inspect import Inspection
    from ketaoutcomes.data.inspection.propose import Proposal
    from ketaoutcomes.data.inspection.questions import Answers, Question

HOW_TO_ANSWER = (
    "Type the number of an answer; Enter takes the one in brackets. Ctrl-C ends without a plan."
)
BACK = 0
"""The number that goes back to the question before."""
ALWAYS_ASKED = ("ended",)
"""What no column can tell: asked of somebody who is there, though a plan stands without it."""


def add_start_command(add: Callable[..., None]) -> None:
    """Add the command; `add` takes a name, a function, words and options."""
    add("start", _start, "ask what the data leave open and write a plan", _options)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="read this folder of data files, or this file"
    )
    parser.add_argument(
        "--answers", type=Path, metavar="FILE", help="take the answers from this YAML file"
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="PLAN",
        default=Path("plan.yaml"),
        help="write the plan here; default: plan.yaml",
    )
    parser.add_argument(
        "--accept",
        metavar="REASON",
        help="say why no column identifies a person; for the plan",
    )
    parser.epilog = (
        "exit codes: 0 the plan has no gap; 2 the plan was written with gaps, or an answer or the "
        "command is wrong; 3 error in the data"
    )


def _start(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.data.inspection.words import plan_words
    from ketaoutcomes.plan.gaps import gaps_in
    from ketaoutcomes.runs.disk import READABLE, write_file

    plan_file: Path = arguments.to
    _refuse_to_replace(plan_file)
    answers = _answers_in(arguments.answers) if arguments.answers else {}
    someone = arguments.answers is None and sys.stdin.isatty() and sys.stdout.isatty()
    seen, chosen = _look(arguments, answers)
    if someone and _next_question(chosen, answers) is not None:
        say(HOW_TO_ANSWER)
    while someone and (question := _next_question(chosen, answers)) is not None:
        answer = _ask(question, can_go_back=bool(answers))
        answers = {**answers, question.key: answer} if answer else _without_last(answers)
        seen, chosen = _look(arguments, answers)
    _refuse_unknown(answers, chosen)
    write_file(plan_file, f"{plan_words(seen)}".encode(), READABLE)
    _tell(chosen)
    left = tuple(gaps_in(chosen.plan))
    say(f"written: {plan_file}")
    if left:
        keys = ", ".join(q.key for q in chosen.questions if q.is_open)
        gaps = "1 gap" if len(left) == 1 else f"{len(left)} gaps"
        say(
            f"The plan has {gaps}, marked `fill this:`. Still to decide: {keys}. "
            "Write the values there, or give them with `--answers FILE`."
        )
    folder = arguments.folder if arguments.folder.is_dir() else arguments.folder.parent
    places = f"{quote(str(plan_file))} --data {quote(str(folder))}"
    say_editors_need_it(plan_file)
    say(f"next: python -m ketaoutcomes validate {places}")
    say(f"then: python -m ketaoutcomes run {places}")
    return ExitCode.PLAN if left else ExitCode.OK


def _look(arguments: argparse.Namespace, answers: "Answers") -> "tuple[Inspection, Proposal]":
    from ketaoutcomes.data.inspection.inspect import inspect_folder
    from ketaoutcomes.data.inspection.words import inspection_words
    from ketaoutcomes.errors import DataError

    seen = inspect_folder(arguments.folder, arguments.accept, answers)
    chosen = seen.chosen
    if chosen is None:
        say(inspection_words(seen))
        raise DataError("no plan can be proposed")
    return seen, chosen


def _next_question(chosen: "Proposal", answers: "Answers") -> "Question | None":
    """The first question that is open, in the order in which they build on each other."""
    from ketaoutcomes.data.inspection.questions import KEYS

    waiting = [
        question
        for question in chosen.questions
        if question.key not in answers and (question.is_open or question.key in ALWAYS_ASKED)
    ]
    return min(waiting, key=lambda question: KEYS.index(question.key), default=None)


def _without_last(answers: "Answers") -> "Answers":
    """The answers but for the last one, whose question is then asked again."""
    return dict(list(answers.items())[:-1])


def _ask(question: "Question", *, can_go_back: bool) -> str:
    """Ask by number, each candidate with what it would mean; Enter takes the one offered.

    Returns
    -------
    str
        The candidate; empty to go back to the question before, if there was one.
    """
    from rich.console import Console
    from rich.prompt import IntPrompt

    say(f"\n{question.asks}")
    for number, choice in enumerate(question.choices, 1):
        say(f"  {number}  {choice}")
    if can_go_back:
        say(f"  {BACK}  back to the question before")
    values = [choice.value for choice in question.choices]
    console = Console(highlight=False, markup=False, emoji=False)
    try:
        number = IntPrompt.ask(
            "Number",
            console=console,
            choices=[str(place) for place in range(BACK if can_go_back else 1, len(values) + 1)],
            default=values.index(question.offered) + 1,
            show_choices=False,
        )
    except (EOFError, KeyboardInterrupt):
        say("")  # what is said next begins a line of its own
        raise KeyboardInterrupt from None
    return values[number - 1] if number != BACK else ""


def _tell(chosen: "Proposal") -> None:
    """What was read and why, what stays open, and the subjects of each arm."""
    from ketaoutcomes.data.inspection.words import comments

    say("")
    for line in comments(chosen):
        say(visible(line))
    if chosen.heads:
        say(visible(f"Participants in each arm: {'; '.join(chosen.heads)}"))


def _answers_in(path: Path) -> "Answers":
    """The answers of a YAML file, name of the question -> candidate."""
    from ketaoutcomes.data.inspection.questions import KEYS
    from ketaoutcomes.plan.reading.plan_text import read_text
    from ketaoutcomes.plan.reading.source import read_yaml

    if not path.is_file():
        problem = Problem(
            str(path),
            "a YAML file of answers",
            "no such file",
            "correct its name, or write one with lines such as `reference: placebo`",
        )
        raise CommandError("the answers cannot be read", (problem,))
    data = read_yaml(read_text(path), str(path)).data
    if not isinstance(data, dict):
        problem = Problem(
            str(path), "lines of `question: answer`", "something else", "write `reference: placebo`"
        )
        raise CommandError("the answers cannot be read", (problem,))
    problems = tuple(
        Problem(
            str(path),
            f"a question out of: {', '.join(KEYS)}",
            f"`{key}`",
            did_you_mean(str(key), KEYS) or "remove it",
        )
        for key in data
        if key not in KEYS
    )
    if problems:
        raise CommandError("an answer belongs to no question", problems)
    return {str(key): str(value) for key, value in data.items()}


def _refuse_unknown(answers: "Answers", chosen: "Proposal") -> None:
    """An answer to what was not asked of these data would change nothing in silence."""
    asked = [question.key for question in chosen.questions]
    problems = tuple(
        Problem(
            f"the answer `{key}`",
            f"an answer to what these data leave open: {', '.join(asked) or 'nothing'}",
            f"`{key}: {value}`",
            "remove it",
        )
        for key, value in answers.items()
        if key not in asked
    )
    if problems:
        raise CommandError("an answer belongs to no question of these data", problems)


def _refuse_to_replace(plan_file: Path) -> None:
    if os.path.lexists(plan_file):
        problem = Problem(
            str(plan_file),
            "a name that is free",
            "a file of this name",
            "name another: `--to PLAN`",
        )
        raise CommandError("the plan was not written, as it would replace a file", (problem,))
