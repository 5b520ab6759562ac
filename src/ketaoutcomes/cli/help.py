"""What `--help` shows of the commands: groups by use, and examples of each."""

import textwrap
from collections.abc import Mapping
from typing import Final

GROUPS: Final = {
    "to begin": ("start", "inspect", "example", "schema", "list"),
    "to analyse": ("validate", "run", "power"),
    "to check and share": ("report", "explain", "verify", "diff", "export"),
    "to simulate": ("simulate", "calibrate"),
}
"""What a user wants -> the commands for it, in the order in which they are used."""

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "run": ("run plan.yaml", "run plan.yaml --data DIR --out reports/first", "run plan.yaml -j 2"),
    "validate": ("validate plan.yaml", "validate plan.yaml --data DIR"),
    "power": ("power plan.yaml --subjects 200 300", "power plan.yaml --replicates 100 --workers 2"),
    "export": ("export plan.yaml --to repeat",),
    "example": ("example", "example trd", "example trd --to plans"),
    "start": ("start DIR", "start DIR --to plan.yaml", "start DIR --answers answers.yaml"),
    "inspect": ("inspect DIR", "inspect DIR --plan > plan.yaml"),
    "simulate": ("simulate trd_short_term --out cohorts", "simulate --subjects 400 --seed 1"),
    "report": ("report reports/trd", "report reports/trd --word"),
    "verify": ("verify reports/trd", "verify reports/trd --data DIR"),
    "explain": ("explain ID", "explain ID reports/trd"),
    "diff": ("diff reports/first reports/second", "diff A B --rel 1e-6"),
    "calibrate": (
        "calibrate --score-only",
        "calibrate trd_short_term --out targets.csv",
        "calibrate trd_short_term --against plan.yaml --data DIR",
    ),
    "schema": ("schema --write", "schema > plan.schema.json"),
    "list": ("list",),
}
"""Command -> how it is called."""

EXIT_CODES: Final = (
    "exit codes: 0 done; 1 a check or a result failed; 2 error in the plan or the command; "
    "3 error in the data"
)
LINE: Final = 79


def commands_by_use(words: Mapping[str, str]) -> str:
    """The commands in their groups.

    Parameters
    ----------
    words : mapping of str to str
        Command -> what it does, in a few words.
    """
    width = max(map(len, words)) + 2
    blocks = (
        "\n".join([f"{use}:", *(f"  {name:<{width}}{words[name]}" for name in names)])
        for use, names in GROUPS.items()
    )
    return "\n\n".join(blocks)


def ending(name: str, more: str | None) -> str:
    """What stands below the options of a command: examples, then what else it says of itself."""
    examples = "\n".join(f"  ketaoutcomes {words}" for words in EXAMPLES[name])
    filled = f"\n\n{textwrap.fill(more, LINE)}" if more else ""
    return f"examples:\n{examples}{filled}"
