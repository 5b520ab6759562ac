"""Functions whose module is imported when they are called."""

import builtins
import pickle
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from ketaoutcomes.deferred import Deferred, import_now, imported_when_called

HEAVY = '''
def added(a, b, *, c=0):
    """Some work."""
    return a + b + c
'''
USER = """
from ketaoutcomes.deferred import imported_when_called

with imported_when_called(__name__):
    from heavy_of_test import added
"""


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module that imports a heavy one when it is called."""
    (tmp_path / "heavy_of_test.py").write_text(HEAVY)
    (tmp_path / "user_of_test.py").write_text(USER)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("heavy_of_test", "user_of_test"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield import_module("user_of_test")
    for name in ("heavy_of_test", "user_of_test"):
        sys.modules.pop(name, None)


def test_the_module_is_imported_by_the_first_call(user: Any) -> None:
    assert "heavy_of_test" not in sys.modules
    assert user.added(1, 2, c=4) == 7
    assert "heavy_of_test" in sys.modules


def test_a_function_has_its_name_and_module_before_it_is_called(user: Any) -> None:
    assert (user.added.__module__, user.added.__name__) == ("heavy_of_test", "added")


def test_a_function_can_be_sent_to_another_process(user: Any) -> None:
    sent = pickle.loads(pickle.dumps(user.added))  # noqa: S301 - what was written here
    assert "heavy_of_test" not in sys.modules
    assert sent(1, 2) == 3


def test_modules_are_imported_before_processes_begin(user: Any) -> None:
    import_now(None, user.added, len)
    assert "heavy_of_test" in sys.modules


def test_imports_of_other_modules_are_not_concerned() -> None:
    before = builtins.__import__
    with imported_when_called("another_module"):
        from textwrap import fill  # noqa: PLC0415 - what is tested
    assert not isinstance(fill, Deferred)
    assert builtins.__import__ is before


def test_imports_are_as_before_where_the_block_fails() -> None:
    before = builtins.__import__
    with pytest.raises(ZeroDivisionError), imported_when_called(__name__):
        _ = 1 / 0
    assert builtins.__import__ is before


def test_two_threads_leave_the_import_statement_as_it_was() -> None:
    usual, begun, both = builtins.__import__, Event(), Event()

    def first() -> None:
        with imported_when_called("one"):
            begun.set()
            both.wait(0.2)

    def second() -> None:
        begun.wait(5)
        with imported_when_called("other"):
            both.set()
            threads[0].join(0.4)

    threads = [Thread(target=first), Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert builtins.__import__ is usual
