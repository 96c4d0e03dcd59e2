"""Runs a regular expression over a text, all its possibilities side by side."""

from __future__ import annotations

from typing import Final

from sync.query.patterns.reading import (
    Either,
    Node,
    One,
    PatternError,
    Place,
    Reader,
    Repeat,
    Sequence,
    Test,
)

STATES_MAX: Final = 2_000
"""Of one pattern after its counts are written out: the most work for one character."""
MEMO_STEPS_MAX: Final = 10_000

States = frozenset[int]


class Regex:
    """A pattern, read once and numbered: state n either consumes a character and goes to n + 1, or
    leads to other states at once. Steps are remembered, so most characters cost one look-up."""

    __slots__ = ("_memo", "_ones", "_places", "_turns")

    def __init__(self, pattern: str, flags: str = "") -> None:
        """Of the flags ``i`` disregards case, ``c`` minds it, ``s`` lets a dot match line breaks,
        ``m`` anchors at every line, ``x`` skips blanks. Raises ``PatternError``."""
        if not set(flags) <= set("icsmx"):
            raise PatternError("an unknown flag")
        reader = Reader(pattern, flags)
        self._ones: dict[int, Test] = {}
        self._places: dict[int, str] = {}
        self._turns: dict[int, tuple[int, ...]] = {}
        self._memo: dict[tuple[States, str, str], tuple[States, bool]] = {}
        end = self._write(reader.read(), 0, [0])
        self._turns[end] = ()

    def found_in(self, text: str) -> bool:
        """Whether some part of the text matches."""
        return self._run(text, anywhere=True)

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        return self._run(text, anywhere=False)

    def _run(self, text: str, anywhere: bool) -> bool:
        start = states = frozenset((0,))
        before = ""
        for char in text:
            states, done = self._step(states, before, char)
            if anywhere:
                if done:
                    return True
                states |= start
            elif not states:
                return False
            before = char
        return self._step(states, before, "")[1]

    def _step(self, states: States, before: str, char: str) -> tuple[States, bool]:
        """The states after a character, and whether the pattern was done before it."""
        key = (states, before, char) if self._places else (states, "", char)
        known = self._memo.get(key)
        if known is None:
            if len(self._memo) >= MEMO_STEPS_MAX:
                self._memo.clear()
            reached = self._reach(states, before, char)
            after = frozenset(
                state + 1
                for state in reached
                if char and state in self._ones and self._ones[state](char)
            )
            known = self._memo[key] = (after, any(self._is_end(state) for state in reached))
        return known

    def _is_end(self, state: int) -> bool:
        return self._turns.get(state) == ()

    def _reach(self, states: States, before: str, char: str) -> set[int]:
        reached: set[int] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state in reached:
                continue
            reached.add(state)
            if state in self._places and _is_at(self._places[state], before, char):
                waiting.append(state + 1)
            waiting.extend(self._turns.get(state, ()))
        return reached

    def _write(self, node: Node, at: int, work: list[int]) -> int:
        """Number the states of a node from ``at`` on; the first number after them."""
        work[0] += 1
        if at > STATES_MAX or work[0] > 2 * STATES_MAX:
            raise PatternError("too large")
        match node:
            case One(test):
                self._ones[at] = test
                return at + 1
            case Place(name):
                self._places[at] = name
                return at + 1
            case Sequence(parts):
                for part in parts:
                    at = self._write(part, at, work)
                return at
            case Either(parts):
                return self._write_either(parts, at, work)
            case Repeat():
                return self._write_repeat(node, at, work)

    def _write_either(self, parts: tuple[Node, ...], at: int, work: list[int]) -> int:
        fork, exits, starts = at, [], []
        at += 1
        for part in parts:
            starts.append(at)
            at = self._write(part, at, work)
            exits.append(at)
            at += 1
        self._turns[fork] = tuple(starts)
        self._turns.update(dict.fromkeys(exits, (at,)))
        return at

    def _write_repeat(self, node: Repeat, at: int, work: list[int]) -> int:
        for _ in range(node.low):
            at = self._write(node.part, at, work)
        forks = []
        for _ in range(1 if node.high is None else node.high - node.low):
            forks.append(at)
            at = self._write(node.part, at + 1, work)
        if node.high is None:
            self._turns[at] = (forks[0],)
            at += 1
        self._turns.update({fork: (fork + 1, at) for fork in forks})
        return at


def _is_at(place: str, before: str, char: str) -> bool:
    match place:
        case "start":
            return not before
        case "end":
            return not char
        case "line start":
            return before in ("", "\n")
        case "line end":
            return char in ("", "\n")
    edge = _is_word(before) != _is_word(char)
    return edge if place == "word" else not edge


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
