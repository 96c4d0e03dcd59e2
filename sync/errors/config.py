"""What can be wrong with a file that an operator writes."""

from __future__ import annotations

from dataclasses import dataclass

from sync.errors.base import ZavaError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file: where it stands, from 1, and what it is, in one sentence. ``source``
    is the line as it is written, ``width`` how many characters of it are meant."""

    line: int
    column: int
    message: str
    source: str = ""
    width: int = 1

    def underlined(self) -> str:
        """The line with the place marked ``^^^^``; empty where there is no line to show."""
        if not self.source.strip():
            return ""
        mark = "^" * max(1, min(self.width, len(self.source) - self.column + 1))
        return f"  {self.source}\n  {' ' * (self.column - 1)}{mark}"


class ConfigError(ZavaError):
    """A configuration file cannot be used; whatever was in force before stays in force."""

    def told(self) -> str:
        """Everything there is to say, for a terminal or a log."""
        return str(self)


class ConfigInvalid(ConfigError):
    """The file is there, but not what its reader understands: all its ``problems``, by line."""

    code = "config_invalid"
    remedy = "Correct the file at the places named; what was in force before stays so meanwhile."

    def __init__(self, message: str = "", *, file: str = "", problems: list[Problem] | None = None):
        self.file = file
        self.problems = tuple(sorted(problems or ()))
        super().__init__(message or self._summary())

    def _summary(self) -> str:
        first = self.problems[0]
        more = len(self.problems) - 1
        also = "" if more == 0 else f" ({more} more {'mistake' if more == 1 else 'mistakes'})"
        return f"{self.file}:{first.line}:{first.column}: {first.message}{also}"

    def told(self) -> str:
        """Every problem with its place and its line, for a terminal."""
        lines: list[str] = []
        for each in self.problems:
            lines.append(f"{self.file}:{each.line}:{each.column}: {each.message}")
            lines += filter(None, [each.underlined()])
        return "\n".join(lines) or str(self)


class ConfigUnreadable(ConfigError):
    """The file is missing, no text, too large, or may not be read."""

    code = "config_unreadable"
    remedy = "Check the path and who may read the file; it is text in UTF-8 of modest size."
