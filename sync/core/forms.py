"""Many bodies from a stranger, checked by what those of one form have in common.

Taking a body apart, judging every value and writing it out again costs more than storing it. The
first body of a form is checked so (``decode.body_of``). A pattern made of its field names then
accepts nothing but bodies with the same fields and plain values in canonical spelling, and so no
body that ``body_of`` refuses; whatever it does not accept is taken apart like the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Final, TypeVar

from sync.core.decode import body_of
from sync.core.values import VALUE_DEPTH_MAX, canonical
from sync.ids import Document, Json

T = TypeVar("T")

FORMS_MAX: Final = 8
"""Patterns tried on the bodies of one message. A collection has few forms; where every document is
another, looking for one costs more than it saves."""
ALIKE_MIN: Final = 16
"""Bodies that are worth a pattern."""

_DIVIDER: Final = "\x1e"
_PLAIN: Final = r'[^"\\\x00-\x1f\ud800-\udfff]*+'
_TEXT: Final = rf'"{_PLAIN}(?:\\["\\bfnrt]{_PLAIN})*+"'
_WHOLE: Final = r"(?:0|-?[1-9][0-9]{0,17})"
_BROKEN: Final = r"-?(?:[1-9][0-9]{0,8}\.(?:0|[0-9]{0,5}[1-9])|0\.(?:0|[0-9]{0,3}[1-9]))"
"""Decimals of at most 15 digits that no exponent would make shorter: they are their own shortest
spelling."""
_SCALAR: Final = rf"(?:{_TEXT}|{_WHOLE}|{_BROKEN}|true|false|null)"
_LIST: Final = rf"\[(?:{_SCALAR}(?:,{_SCALAR})*)?\]"
"""Not possessive: up to Python 3.11.4 a possessive repeat that fails within its body does not go
back to where that began, and a comma too many would pass."""
_LIKELY: Final[dict[type, str]] = {str: _TEXT, int: _WHOLE, bool: "true|false", float: _BROKEN}


def by_form(texts: Sequence[str], others: Sequence[T]) -> Iterator[tuple[Document, Sequence[T]]]:
    """What belongs to bodies of one form, with the fields of the first of them, form by form.

    Raises as ``body_of`` does at a text that is no body."""
    for _ in range(FORMS_MAX):
        if len(texts) < ALIKE_MIN:
            break
        fields = body_of(texts[0])
        fits = _fit(_form(fields), texts)
        fits[0] = True
        if all(fits):
            yield fields, others
            return
        yield fields, [*compress(others, fits)]
        rest = [not each for each in fits]
        texts, others = [*compress(texts, rest)], [*compress(others, rest)]
    for text, other in zip(texts, others, strict=True):
        yield body_of(text), [other]


def _fit(form: str, texts: Sequence[str]) -> list[bool]:
    """Which texts are of a form. One search runs over all that follow one another, because a call
    for each would cost half as much again; what divides them stands in no text that fits."""
    joined = _DIVIDER.join([*texts, ""])
    if joined.count(_DIVIDER) != len(texts):
        return [False] * len(texts)
    run, at, fits = re.compile(f"(?:{form}{_DIVIDER})*+"), 0, list[bool]()
    while len(fits) < len(texts):
        found = run.match(joined, at)
        end = at if found is None else found.end()
        fits += [True] * joined.count(_DIVIDER, at, end)
        if end < len(joined):  # what comes next is of another form
            fits.append(False)
            end = joined.index(_DIVIDER, end) + 1
        at = end
    return fits


def _form(value: Json, depth: int = 0) -> str:
    """The pattern of values with the same fields as this one."""
    if not isinstance(value, dict):
        likely = _LIKELY.get(type(value), "null")  # tried first, which is quicker
        return rf"(?:{likely}|{_SCALAR}{f'|{_LIST}' if depth < VALUE_DEPTH_MAX else ''})"
    fields = (
        f"{re.escape(canonical(name))}:{_form(value[name], depth + 1)}" for name in sorted(value)
    )
    return rf"\{{{','.join(fields)}\}}"
