"""The schema of plans, for editors: printed, or written next to a plan."""

import argparse
from collections.abc import Callable
from pathlib import Path
from shlex import quote

from ketaoutcomes.cli.terminal import say
from ketaoutcomes.errors import ExitCode


def add_schema_command(add: Callable[..., None]) -> None:
    """Add the command; `add` takes a name, a function, words and options."""
    add("schema", _schema, "print or write the schema of a plan", _options)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--synthesis", action="store_true", help="print the schema of a synthesis")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=Path(),
        metavar="DIR",
        help="write both schemas to DIR; default: this folder",
    )


def say_editors_need_it(plan_file: Path) -> None:
    """How the schema that a written plan names gets there, unless it is there.

    An editor that does not find it puts an error at the first line of the plan.
    """
    first = plan_file.read_text("utf-8").split("\n", 1)[0]
    _, named, schema = first.partition("$schema=")
    if named and not plan_file.with_name(schema).exists():
        folder = quote(str(plan_file.parent))
        say(f"for an editor that completes YAML: python -m ketaoutcomes schema --write {folder}")


def _schema(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.plan.reading.schema import as_text, plan_schema, synthesis_schema

    if arguments.write is not None:
        return _write(arguments.write)
    say(as_text((synthesis_schema if arguments.synthesis else plan_schema)()).rstrip("\n"))
    return ExitCode.OK


def _write(folder: Path) -> ExitCode:
    """Write the schemas, over former ones and over no other file."""
    from ketaoutcomes.plan.reading.schema import schema_files
    from ketaoutcomes.runs.disk import READABLE, write_file
    from ketaoutcomes.runs.replacing import refuse_file

    files = {folder / name: content for name, content in schema_files().items()}
    for path, content in files.items():
        refuse_file(path, content.split(b"\n", 1)[0].decode(), "another folder with --write DIR")
    for path, content in files.items():
        write_file(path, content, READABLE)
        say(f"written: {path}")
    say("Editors that read YAML schemas find it by the first line of a plan:")
    say(f"# yaml-language-server: $schema={next(iter(files)).name}")
    return ExitCode.OK
