"""What a function of DQL is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.ids import Json


@dataclass(frozen=True, slots=True)
class Context:
    """What an expression may ask about the statement: its time (milliseconds since 1970, the same
    for the whole statement) and who asks, for ``request_info``."""

    now_ms: int = 0
    request: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function with what the shell, the pages and messages say of it.

    ``call`` gets one value an argument (``MISSING`` among them) and never raises. With
    ``contextual`` it gets the statement's ``Context`` first. ``most`` is None where any number of
    arguments beyond ``least`` is taken."""

    name: str
    signature: str
    meaning: str
    example: str
    call: Callable[..., Any]
    least: int
    most: int | None
    family: str
    contextual: bool = False

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return count >= self.least and (self.most is None or count <= self.most)

    @property
    def arguments(self) -> str:
        """How many arguments it takes, in words: ``2``, ``2 or 3``, ``at least 1``."""
        if self.most is None:
            return f"at least {self.least}"
        if self.most == self.least:
            return str(self.least)
        between = " or " if self.most == self.least + 1 else " to "
        return f"{self.least}{between}{self.most}"


class Family:
    """Collects the functions of one module; the decorated function stays as it is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.functions: list[Function] = []

    def add(
        self,
        signature: str,
        meaning: str,
        example: str,
        *,
        also: Iterable[str] = (),
        contextual: bool = False,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register under the name in the signature, and under the names in ``also``. Arguments in
        ``[brackets]`` may be left out; ``…`` allows any number more."""
        name, _, rest = signature.partition("(")
        least, most = _arity(rest.rstrip(")"))

        def decorate(call: Callable[..., Any]) -> Callable[..., Any]:
            for each in (name, *also):
                self.functions.append(
                    Function(
                        each,
                        each + "(" + rest,
                        meaning if each == name else f"The same as {name}.",
                        example.replace(name + "(", each + "("),
                        call,
                        least,
                        most,
                        self.name,
                        contextual,
                    )
                )
            return call

        return decorate


def _arity(arguments: str) -> tuple[int, int | None]:
    parts = [part.strip() for part in arguments.split(",") if part.strip()]
    named = [part for part in parts if part.strip("[]") != "…"]
    least = sum(not part.startswith("[") for part in named)
    return least, None if len(named) < len(parts) else len(named)
