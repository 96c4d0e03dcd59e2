"""What just happened, told in one bar: done, with Undo, or a problem and its remedy.

`guard` stands around every handler of the app. Flet replaces the whole app by an error page when a
handler raises, so no handler may: what goes wrong is logged and told here.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import flet as ft

from app.state.wake import Wake

UNDO_SECONDS = 10
PROBLEM_SECONDS = 20

_log = logging.getLogger("zava.app")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an intent answers: a sentence for the person, and how to take it back, if one can."""

    message: str
    undo: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What the bar shows. A problem has a stable code and a remedy."""

    kind: Literal["done", "problem"]
    message: str
    remedy: str = ""
    code: str = ""
    undo: Callable[[], object] | None = None


def problem(error: BaseException) -> Notice:
    """An error as people should read it; one that nobody raised on purpose is logged as well."""
    code, remedy = getattr(error, "code", None), getattr(error, "remedy", None)
    if isinstance(code, str) and isinstance(remedy, str):
        message = getattr(error, "message", None)
        return Notice("problem", str(message or error), remedy, code)
    _log.error("an intent failed", exc_info=error)
    return Notice(
        "problem",
        "Something went wrong in this screen.",
        "What you saved is safe. Try again; if it happens again, report it with the log file.",
        "unexpected",
    )


@ft.observable
@dataclass
class Notices:
    """The one notice on show; a new one replaces it, time takes it away."""

    wake: Wake
    current: Notice | None = None
    _cancel: Callable[[], None] | None = field(default=None, repr=False)

    def show(self, notice: Notice) -> None:
        """Show a notice for its time."""
        self._forget()
        self.current = notice
        seconds = PROBLEM_SECONDS if notice.kind == "problem" else UNDO_SECONDS
        self._cancel = self.wake.later(seconds, self.dismiss)

    def dismiss(self) -> None:
        """Take the notice away; its Undo is gone with it."""
        self._forget()
        self.current = None

    def undo(self) -> None:
        """Take back what the notice tells."""
        notice = self.current
        self.dismiss()
        if notice is not None and notice.undo is not None:
            self._tell(notice.undo() or Outcome("Undone."))

    def guard(self, action: Callable[..., Any], *arguments: Any) -> Callable[..., Awaitable[None]]:
        """A handler that runs ``action(*arguments)``, shows its `Outcome`, and never raises."""

        async def handle(_event: object = None) -> None:
            await self.run(action, *arguments)

        return handle

    def guard_value(self, action: Callable[[Any], Any]) -> Callable[[Any], Awaitable[None]]:
        """Like `guard`, for a switch: the action gets what it was set to.

        The event says it; the control itself may have been drawn anew since, as it was before.
        """

        async def handle(event: Any) -> None:
            await self.run(action, event.data)

        return handle

    async def run(self, action: Callable[..., Any], *arguments: Any) -> Any:
        """The answer of ``action(*arguments)``, awaited; it, or what was raised, is told."""
        try:
            answer = action(*arguments)
            answer = await answer if inspect.isawaitable(answer) else answer
        except Exception as error:
            self.report(error)
            return None
        self._tell(answer)
        return answer

    def report(self, error: Exception) -> None:
        """Tell a problem."""
        self.show(problem(error))

    def _tell(self, answer: object) -> None:
        if isinstance(answer, Outcome):
            self.show(Notice("done", answer.message, undo=answer.undo))

    def _forget(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
