"""Functions of texts. Characters are Unicode code points, counted from 0. What is no text makes
them MISSING, and so does a text longer than ``TEXT_CHARS_MAX``."""

from __future__ import annotations

import functools

from sync.query.caps import ARRAY_ITEMS_MAX, TEXT_CHARS_MAX
from sync.query.evaluate import MISSING
from sync.query.functions.registry import Family
from sync.query.patterns import PatternError, Regex
from sync.query.values import Value, is_integer

FAMILY = Family("Texts")

PATTERNS_REMEMBERED_MAX = 256


def are_texts(*values: Value) -> bool:
    """Whether all values are texts."""
    return all(isinstance(value, str) for value in values)


def _capped(text: str) -> Value:
    return text if len(text) <= TEXT_CHARS_MAX else MISSING


@FAMILY.add("concat(text, …)", "All texts, one after the other.", "concat(first, ' ', last)")
def concat(*texts: Value) -> Value:
    return joinstr("", list(texts))


@FAMILY.add("contains(text, part)", "Whether the part occurs in the text.", "contains(name, 'saw')")
def contains(text: Value, part: Value) -> Value:
    return part in text if are_texts(text, part) else MISSING


@FAMILY.add("starts_with(text, part)", "Whether the text begins so.", "starts_with(sku, 'PWR-')")
def starts_with(text: Value, part: Value) -> Value:
    return text.startswith(part) if are_texts(text, part) else MISSING


@FAMILY.add("ends_with(text, part)", "Whether the text ends so.", "ends_with(sku, '-01')")
def ends_with(text: Value, part: Value) -> Value:
    return text.endswith(part) if are_texts(text, part) else MISSING


@FAMILY.add(
    "char_length(text)", "How many characters.", "char_length('é')", also=("character_length",)
)
def char_length(text: Value) -> Value:
    return len(text) if are_texts(text) else MISSING


@FAMILY.add("byte_length(text)", "How many bytes in UTF-8.", "byte_length('é')")
def byte_length(text: Value) -> Value:
    return len(text.encode("utf-8", "surrogatepass")) if are_texts(text) else MISSING


@FAMILY.add("lower(text)", "In lower case.", "lower(email)")
def lower(text: Value) -> Value:
    return _capped(text.lower()) if are_texts(text) else MISSING


@FAMILY.add("upper(text)", "In upper case.", "upper(sku)")
def upper(text: Value) -> Value:
    return _capped(text.upper()) if are_texts(text) else MISSING


@FAMILY.add(
    "substr(text, start, [length])",
    "So many characters from the start on, or all the rest; a negative start counts from the end. "
    "Missing if the start is not in the text.",
    "substr(sku, 4, 3)",
)
def substr(text: Value, start: Value, length: Value = TEXT_CHARS_MAX) -> Value:
    if not are_texts(text) or not is_integer(start) or not is_integer(length) or length < 0:
        return MISSING
    first = start + len(text) if start < 0 else start
    return text[first : first + length] if 0 <= first <= len(text) else MISSING


@FAMILY.add(
    "pos(text, part)",
    "Where the part first occurs, from 0; -1 if it does not.",
    "pos(email, '@')",
    also=("position",),
)
def pos(text: Value, part: Value) -> Value:
    return text.find(part) if are_texts(text, part) else MISSING


@FAMILY.add(
    "split(text, [separator])",
    "The texts between the separators; without one, between blanks.",
    "split(sku, '-')",
)
def split(text: Value, *separator: Value) -> Value:
    if not are_texts(text, *separator) or "" in separator:
        return MISSING
    found = text.split(*separator)
    return found if len(found) <= ARRAY_ITEMS_MAX else MISSING


@FAMILY.add(
    "joinstr(separator, array)",
    "The texts of an array with the separator between them; the two may be swapped.",
    "joinstr(', ', tags)",
)
def joinstr(separator: Value, texts: Value) -> Value:
    if isinstance(separator, list):
        separator, texts = texts, separator
    if not are_texts(separator) or not isinstance(texts, list) or not are_texts(*texts):
        return MISSING
    chars = sum(map(len, texts)) + len(separator) * max(0, len(texts) - 1)
    return separator.join(texts) if chars <= TEXT_CHARS_MAX else MISSING


@FAMILY.add(
    "ltrim(text, [characters])",
    "Without these characters (blanks) at its beginning.",
    "ltrim(code, '0')",
)
def ltrim(text: Value, characters: Value = " \t\n\r\f\v") -> Value:
    return text.lstrip(characters) if are_texts(text, characters) else MISSING


@FAMILY.add(
    "rtrim(text, [characters])", "Without these characters (blanks) at its end.", "rtrim(note)"
)
def rtrim(text: Value, characters: Value = " \t\n\r\f\v") -> Value:
    return text.rstrip(characters) if are_texts(text, characters) else MISSING


@FAMILY.add(
    "trim(text, [characters])", "Without these characters (blanks) at both ends.", "trim(note)"
)
def trim(text: Value, characters: Value = " \t\n\r\f\v") -> Value:
    return text.strip(characters) if are_texts(text, characters) else MISSING


@FAMILY.add(
    "lpad(text, length, [filling])",
    "Filled up at its beginning (with blanks) to this length, or cut to it.",
    "lpad(number, 5, '0')",
)
def lpad(text: Value, length: Value, filling: Value = " ") -> Value:
    missing = _filling(text, length, filling)
    return missing if missing is MISSING else missing + text[:length]


@FAMILY.add(
    "rpad(text, length, [filling])",
    "Filled up at its end (with blanks) to this length, or cut to it.",
    "rpad(name, 20, '.')",
)
def rpad(text: Value, length: Value, filling: Value = " ") -> Value:
    missing = _filling(text, length, filling)
    return missing if missing is MISSING else text[:length] + missing


def _filling(text: Value, length: Value, filling: Value) -> Value:
    if not are_texts(text, filling) or not is_integer(length) or not filling:
        return MISSING
    if not 0 <= length <= TEXT_CHARS_MAX:
        return MISSING
    wanted = max(0, length - len(text))
    return (filling * (wanted // len(filling) + 1))[:wanted]


@FAMILY.add("repeat(text, count)", "The text so many times.", "repeat('-', 20)")
def repeat(text: Value, count: Value) -> Value:
    if not are_texts(text) or not is_integer(count) or count < 0:
        return MISSING
    return text * count if len(text) * count <= TEXT_CHARS_MAX else MISSING


@FAMILY.add("replace(text, part, other)", "With the other for every part.", "replace(sku, '-', '')")
def replace(text: Value, part: Value, other: Value) -> Value:
    if not are_texts(text, part, other) or not part:
        return MISSING
    chars = len(text) + text.count(part) * (len(other) - len(part))
    return text.replace(part, other) if chars <= TEXT_CHARS_MAX else MISSING


@FAMILY.add("reverse(text)", "From its end to its beginning.", "reverse('abc')")
def reverse(text: Value) -> Value:
    return text[::-1] if are_texts(text) else MISSING


@FAMILY.add(
    "regexp_like(text, pattern, [flag], …)",
    "Whether a regular expression matches some part. Flags: i disregards case, c minds it, s lets "
    "a dot match line breaks, m anchors at every line, x skips blanks.",
    "regexp_like(sku, '^[A-Z]{3}-')",
)
def regexp_like(text: Value, pattern: Value, *flags: Value) -> Value:
    if not are_texts(text, pattern, *flags):
        return MISSING
    regex = _regex(pattern, "".join(flags))
    return MISSING if regex is None else regex.found_in(text)


@functools.lru_cache(PATTERNS_REMEMBERED_MAX)
def _regex(pattern: str, flags: str) -> Regex | None:
    try:
        return Regex(pattern, flags)
    except PatternError:
        return None
