"""A figure as it was drawn, without the library that drew it."""

from collections.abc import Callable


class Drawn(str):
    """The `<svg>` element of a figure, which can be drawn again as dots.

    Attributes
    ----------
    png : callable
        The figure as PNG; the same figure gives the same bytes.
    """

    __slots__ = ("png",)
    png: Callable[[], bytes]
