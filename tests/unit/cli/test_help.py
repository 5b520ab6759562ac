"""`--help`: short lines that begin with a verb, commands by use, examples that the parser takes."""

import argparse
import re

import pytest

from ketaoutcomes.cli.help import EXAMPLES, GROUPS
from ketaoutcomes.cli.main import main, the_parser
from ketaoutcomes.style_guide import violations

LONGEST = 60
VERBS = set(
    """allow also ask check compare cross-validate describe explain fit keep list print read report
    resume run say score set show simulate stop take use write""".split()  # noqa: SIM905
)
PARSER = the_parser()
(COMMANDS,) = (one for one in PARSER._actions if isinstance(one, argparse._SubParsersAction))
NAMES = sorted(COMMANDS.choices)
OPTIONS = [
    pytest.param(action.help, id=f"{name} {'/'.join(action.option_strings) or action.dest}")
    for name, parser in COMMANDS.choices.items()
    for action in parser._actions
    if action.dest != "help"
]


def test_all_options_are_looked_at() -> None:
    assert len(OPTIONS) > 50


@pytest.mark.parametrize("words", OPTIONS)
def test_an_option_is_told_by_a_verb_in_a_short_line(words: str) -> None:
    assert words.split(maxsplit=1)[0] in VERBS
    assert len(words) < LONGEST
    assert [str(one) for one in violations(words)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_command_begins_with_a_verb_and_ends_with_examples(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = COMMANDS.choices[name].get_default("words")
    assert words.split()[0] in VERBS
    assert len(words) < LONGEST
    assert [str(one) for one in violations(words)] == []
    with pytest.raises(SystemExit):
        main([name, "--help"])
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) < 81
    assert shown.index("options:") < shown.index("examples:")


@pytest.mark.parametrize("example", [line for lines in EXAMPLES.values() for line in lines])
def test_the_parser_takes_each_example(example: str) -> None:
    PARSER.parse_args(re.split(" > ", example)[0].split())


def test_every_command_is_in_one_group_and_has_examples(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == NAMES
    assert sorted(EXAMPLES) == NAMES
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    places = [shown.index(f"{use}:\n") for use in GROUPS]
    assert places == sorted(places)
    assert max(map(len, shown.splitlines())) < 81
