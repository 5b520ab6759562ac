"""Functions whose module is imported when one of them is first called."""

import builtins
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from threading import RLock
from typing import Any, Final

_ONE_AT_A_TIME: Final = RLock()
"""Two threads in such blocks would each put back what the other had found."""


class Deferred:
    """A function of a module that is imported when the function is called.

    Parameters
    ----------
    module, name : str
        Where it is found, and what it is called there.
    """

    def __init__(self, module: str, name: str) -> None:
        self.__module__ = module
        self.__name__ = name

    def __call__(self, *given: Any, **named: Any) -> Any:
        """What the function itself returns."""
        return getattr(import_module(self.__module__), self.__name__)(*given, **named)


def import_now(*functions: object) -> None:
    """Import the modules of those functions that wait to be called."""
    for one in functions:
        if isinstance(one, Deferred):
            import_module(one.__module__)


class _Unread:
    """A module that is not imported yet: each of its names is a deferred function."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Deferred:
        return Deferred(self._module, name)


@contextmanager
def imported_when_called(importer: str) -> Iterator[None]:
    """Let the imports of functions in a `with` block wait until one of the functions is called.

    The block reads as any other imports, so that type checkers and import rules see them; it holds
    lines of `from module import function` only. Within it `builtins.__import__` gives a function
    that waits, to the importer alone, and is put back at its end. A record can thus hold the
    function: a module that loads when an attribute is read (`importlib.util.LazyLoader`) would load
    as the record is made. Python 3.15 has a statement for this (PEP 810).

    Parameters
    ----------
    importer : str
        The `__name__` of the module that the block stands in; no other is concerned.
    """
    with _ONE_AT_A_TIME:
        at_once = builtins.__import__

        def later(
            name: str,
            globals: Mapping[str, object] | None = None,  # noqa: A002 - as `__import__` has it
            locals: Mapping[str, object] | None = None,  # noqa: A002
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> Any:
            if globals is not None and globals.get("__name__") == importer and fromlist:
                return _Unread(name)
            return at_once(name, globals, locals, fromlist, level)

        builtins.__import__ = later
        try:
            yield
        finally:
            builtins.__import__ = at_once
