"""Patterns of texts: LIKE, and regular expressions that cannot explode.

Python's ``re`` tries one way after the other, so that a pattern of a few characters can keep it
busy for years. Nothing here goes back: the time is at most the length of the text times that of the
pattern.
"""

from sync.query.patterns.like import Like
from sync.query.patterns.reading import PatternError
from sync.query.patterns.regex import Regex
from sync.query.patterns.similar import as_regex

__all__ = ["Like", "PatternError", "Regex", "as_regex"]
