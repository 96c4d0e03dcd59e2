"""Bodies of one form as text: what stands between their values, which is the same in all of them.

What ``_compiled`` merges by. A text that has all the pieces in their places is a body of this form,
and what lies between two pieces is the canonical text of one value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sync.core.conflicts import SOFT_DELETE
from sync.core.plans import plan_of
from sync.core.slots import form_of
from sync.core.state import ROOT, Key
from sync.core.text import canonical, parse


class Template(NamedTuple):
    """Bodies of a form, for changes of certain fields. All but the first go register by register,
    in the order of the text."""

    pieces: tuple[bytes, ...]
    """What stands before each value, and what stands behind the last."""
    bits: tuple[int, ...]
    """The slots."""
    places: tuple[int, ...]
    """Where among the values of a change the new one stands; -1 where it sets none."""
    keys: tuple[Key, ...]
    deleted: int
    """The register that marks a document as deleted; -1 without one."""


def template_of(body: str, keys: tuple[Key, ...]) -> Template | None:
    """The template for a body and the keys of a change; None where values cannot simply be put in
    the places of others."""
    document = parse(body)
    form = form_of(body, document)
    plan = plan_of(form, keys)
    if plan is None or plan.counts:
        return None
    pieces, registers, text = list[bytes](), list[Key](), ""
    for piece, key in _pieces(document, ROOT):
        text += piece
        if key is not None:
            pieces.append(text.encode())
            registers.append(key)
            text = ""
    places = {key: place for place, key in enumerate(keys)}
    return Template(
        (*pieces, text.encode()),
        tuple(form.bits[key] for key in registers),
        tuple(places.get(key, -1) for key in registers),
        tuple(registers),
        registers.index(SOFT_DELETE) if SOFT_DELETE in registers else -1,
    )


def _pieces(document: dict[str, Any], path: Key) -> Iterator[tuple[str, Key | None]]:
    """The text of a map; where a key comes with a piece, a value follows."""
    opening = "{"
    for name, value in document.items():
        yield f"{opening}{canonical(name)}:", None
        if isinstance(value, dict):
            yield from _pieces(value, (*path, name))
        else:
            yield "", (*path, name)
        opening = ","
    yield "}" if document else "{}", None
