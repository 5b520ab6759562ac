"""The plans that come with the package: `example` lists them, `example NAME` writes one."""

import argparse
import os
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from ketaoutcomes.cli.schema import say_editors_need_it
from ketaoutcomes.cli.terminal import say
from ketaoutcomes.errors import CommandError, ExitCode, Problem, did_you_mean

PACKAGED = "examples"
"""The folder of an installed package; in a source checkout the plans are in `analyses`."""


def add_example_command(add: Callable[..., None]) -> None:
    """Add the command; `add` takes a name, a function, words and options."""
    add("example", _example, "list plans to start from, or write one of them", _options)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="write this plan; default: list them all")
    parser.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        default=Path(),
        help="write to this folder; default: this one",
    )


def _example(arguments: argparse.Namespace) -> ExitCode:
    plans = {path.stem: path for path in sorted(folder_of_examples().glob("*.yaml"))}
    if arguments.name is None:
        for path in plans.values():
            say(line_of(path))
        return ExitCode.OK
    name = arguments.name.removesuffix(".yaml")
    if name not in plans:
        remedy = did_you_mean(name, plans) or "take a name that `ketaoutcomes example` lists"
        problem = Problem(name, "the name of an example", "no such example", remedy)
        raise CommandError("there is no such example", (problem,))
    for path in write_example(plans[name], arguments.to):
        say(f"written: {path}")
    say_editors_need_it(arguments.to / plans[name].name)
    say(f"next: python -m ketaoutcomes run {arguments.to / plans[name].name}")
    return ExitCode.OK


def folder_of_examples() -> Path:
    """Where the plans are: in the installed package, or in the checkout that this file is of."""
    package = Path(str(files("ketaoutcomes")))
    packaged = package / PACKAGED
    return packaged if packaged.is_dir() else package.parents[1] / "analyses"


def line_of(path: Path) -> str:
    """A plan by its name, what it needs to run, and its title."""
    from ketaoutcomes.plan.reading.source import read_yaml

    content: Any = read_yaml(path.read_text(encoding="utf-8"), str(path)).data
    head = content.get("study") or content["synthesis"]
    return f"{path.stem:<24}{_data_of(path, content['data']):<14}{head['title']}"


def _data_of(path: Path, data: dict[str, Any]) -> str:
    """Whether a plan runs as it is, or on data that do not travel with the package."""
    if "synthetic" in data:
        return "simulated"
    named = data.get("file")
    return "included" if named and (path.parent / named).is_file() else "not included"


def write_example(plan: Path, folder: Path) -> tuple[Path, ...]:
    """Copy a plan, and the data that come with it, into a folder.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    CommandError
        If one of them is there already and is another, or the folder cannot be written; nothing is
        then written.
    """
    # imported when a command needs it
    from ketaoutcomes.runs.disk import READABLE, write_file
    from ketaoutcomes.runs.replacing import refuse_unwritable

    copies = {folder / path.name: path.read_bytes() for path in _with_its_data(plan)}
    taken = [path for path, content in copies.items() if _is_another(path, content)]
    if taken:
        problems = tuple(
            Problem(
                str(path),
                "no such file, or the example as it comes",
                "another file of this name",
                "rename it, or write to another folder with `--to DIR`",
            )
            for path in taken
        )
        raise CommandError("the example was not written, as it would replace a file", problems)
    refuse_unwritable(folder)
    for path, content in copies.items():
        if not os.path.lexists(path):
            write_file(path, content, READABLE)
    return tuple(copies)


def _with_its_data(plan: Path) -> Iterator[Path]:
    yield from sorted(plan.parent.glob(f"{plan.stem}.*"))


def _is_another(path: Path, content: bytes) -> bool:
    return os.path.lexists(path) and not (path.is_file() and path.read_bytes() == content)
