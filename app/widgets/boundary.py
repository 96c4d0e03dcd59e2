"""A fence around one component: when drawing it fails, a panel says so and the rest goes on.

Flet stops redrawing a whole tab when a component raises, so the parts that draw other people's data
stand behind this fence:  ``@ft.component`` over ``@boundary``.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, ParamSpec

import flet as ft

from app.widgets.panels import empty_state
from app.widgets.tag import tag

Given = ParamSpec("Given")

_log = logging.getLogger("zava.app")


def boundary(draw: Callable[Given, Any]) -> Callable[Given, Any]:
    """The drawing function, answering a panel where it would raise; the error is logged."""

    @functools.wraps(draw)
    def drawn(*arguments: Given.args, **named: Given.kwargs) -> Any:
        try:
            return draw(*arguments, **named)
        except Exception as error:
            _log.error("%s could not be drawn", draw.__name__, exc_info=error)
            return tag(
                "not-drawn",
                empty_state(
                    ft.Icons.BROKEN_IMAGE_OUTLINED,
                    "This cannot be shown",
                    "Your data is safe. Go to another screen and back; "
                    "if it happens again, report it with the log file.",
                ),
            )

    return drawn
