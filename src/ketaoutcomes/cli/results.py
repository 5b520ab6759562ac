"""Commands on the folder of a run: render it again, verify, compare, explain."""

import argparse
from collections.abc import Callable
from pathlib import Path

from ketaoutcomes.cli.numbers import not_negative
from ketaoutcomes.cli.terminal import note, say
from ketaoutcomes.errors import ExitCode

MOST_LINES = 20
"""Differences that are told one by one; the rest is counted."""


def add_result_commands(add: Callable[..., None]) -> None:
    """Add the commands; `add` takes a name, a function, words and options."""
    add(
        "report",
        _report,
        "write the report of a run again",
        _folder,
        word_option,
    )
    add(
        "verify",
        _verify,
        "run a plan again and report any difference",
        _folder,
        _data,
    )
    add("explain", _explain, "explain where a number of a report comes from", _result)
    add("diff", _diff, "compare the results of two runs", _two_folders, _tolerances)


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="read this folder of a run, such as reports/trd"
    )


def word_option(parser: argparse.ArgumentParser) -> None:
    """`--word` and `--rtf`, which `run` and `report` have."""
    parser.add_argument(
        "--word", action="store_true", help="also write a Word document, report.docx"
    )
    parser.add_argument(
        "--rtf", action="store_true", help="also write the tables as rich text, tables.rtf"
    )


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="read the data files here")


def _result(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="explain this id of results.csv or of the report")
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="read this run; default: the one in reports/",
    )


def _two_folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", type=Path, metavar="A", help="read this folder of a run")
    parser.add_argument("after", type=Path, metavar="B", help="compare it with this run")


def _tolerances(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rel",
        type=not_negative,
        metavar="X",
        default=0.0,
        help="allow this relative difference; default: none",
    )
    parser.add_argument(
        "--abs",
        type=not_negative,
        metavar="X",
        default=0.0,
        help="allow this absolute difference; default: none",
    )


def _report(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.plan.reading.synthesis_file import is_synthesis
    from ketaoutcomes.power.folder import is_power, read_power_run
    from ketaoutcomes.runs.replacing import replace_folder
    from ketaoutcomes.runs.run_folder import PLAN, RTF, WORD, read_run, run_files

    folder = arguments.folder
    if is_power(folder):
        from ketaoutcomes.power.run import power_files

        made = power_files(read_power_run(folder, whole=False)[0])
    elif is_synthesis(folder / PLAN):
        from ketaoutcomes.synthesis.run import read_synthesis_run, synthesis_files

        done, files = read_synthesis_run(folder, whole=False)
        word, rtf = arguments.word or WORD in files, arguments.rtf or RTF in files
        made = synthesis_files(done, word=word, rtf=rtf)
    else:
        run, files = read_run(folder, whole=False)
        word, rtf = arguments.word or WORD in files, arguments.rtf or RTF in files
        made = run_files(run, word=word, rtf=rtf).files
    replace_folder(folder, made)
    say(f"report: {folder / 'report.html'}")
    return ExitCode.OK


def _verify(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.runs.verify import verify

    found = verify(arguments.folder, arguments.data, note)
    if not found:
        say(f"{arguments.folder}: the same bytes again")
        return ExitCode.OK
    say(f"first difference: {found[0]}")
    _tell(found[1:])
    return ExitCode.FAILED_CHECK


def _explain(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.runs.explain import explanation

    say(explanation(arguments.id, arguments.folder))
    return ExitCode.OK


def _diff(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.runs.compare import Tolerance, difference
    from ketaoutcomes.runs.run_folder import read_results

    before, after = read_results(arguments.before), read_results(arguments.after)
    tolerance = Tolerance(relative=arguments.rel, absolute=arguments.abs)
    found = difference(before, after, tolerance)
    if not found:
        say(f"all {len(before.rows):,} results are the same")
        return ExitCode.OK
    _tell(tuple(f"added    {name}" for name in found.added))
    _tell(tuple(f"removed  {name}" for name in found.removed))
    _tell(tuple(f"changed  {change}" for change in found.changed))
    counts = (len(found.added), len(found.removed), len(found.changed))
    say("{} added, {} removed, {} values changed".format(*counts))
    return ExitCode.FAILED_CHECK


def _tell(lines: tuple[str, ...]) -> None:
    if lines:
        say("\n".join(lines[:MOST_LINES]))
    if len(lines) > MOST_LINES:
        say(f"... and {len(lines) - MOST_LINES:,} more")
