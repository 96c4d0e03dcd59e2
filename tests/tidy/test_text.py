"""What no file of the project may hold, and where its pages must lead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.tidy.source import ROOT, report, tracked_texts

# Each pattern is written so that it does not match itself in this file.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.~$}])/(?:wor[k]|roo[t]|hom[e]/\w+|User[s]/\w+)/"),
    "the host of a package registry": re.compile(
        r"\b(?:pyp[i]|pythonhoste[d]|npmj[s]|crate[s]|debia[n]|ubunt[u])\.(?:org|com|io)\b"
        r"|\bpyp[i]\.\w+\.\w+"
    ),
    "work left for later": re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b"),
    "a conflict marker": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
SETTING = re.compile(r"\bZAVA_[A-Z][A-Z_]*[A-Z]\b")
TEXT_BYTES_MAX = 1_000_000


def findings() -> Iterator[str]:
    for path, text in tracked_texts().items():
        for what, pattern in FORBIDDEN.items():
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path}:{line} holds {what}: {match[0]!r}"


def test_no_file_names_a_machine_or_a_registry_or_leaves_work() -> None:
    wrong = list(findings())
    assert not wrong, report(wrong)


def test_no_text_file_is_a_data_dump() -> None:
    sizes = {path: len(text.encode()) for path, text in tracked_texts().items()}
    assert [path for path, size in sizes.items() if size > TEXT_BYTES_MAX] == []


def test_the_licence_is_there_in_full() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions[1:])


def test_the_two_commands_of_the_readme_are_those_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "./zava demo" in readme
    assert "./zava test" in readme
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
    assert last == "./zava test"


def test_the_sample_environment_lists_what_the_code_reads() -> None:
    sample = set(SETTING.findall(tracked_texts()[".env.sample"]))
    code = {path: text for path, text in tracked_texts().items() if path.endswith((".py", ".toml"))}
    read = {name for text in code.values() for name in SETTING.findall(text)}
    assert sample == read


def test_links_between_pages_lead_somewhere() -> None:
    wrong = [
        f"{path}: {target}"
        for path, text in tracked_texts().items()
        if path.endswith(".md")
        for target in LINK.findall(CODE.sub("", text))
        if not leads_somewhere(path, target)
    ]
    assert not wrong, report(wrong)


def leads_somewhere(page: str, target: str) -> bool:
    """Whether a link from a page reaches a file, and a heading of it if it names one."""
    if re.match(r"[a-z]+:", target):
        return True
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    if not file.exists():
        return False
    return not anchor or anchor in anchors(file.read_text(encoding="utf-8"))


def anchors(text: str) -> set[str]:
    """The fragment of each heading as GitHub makes it."""
    titles = HEADING.findall(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
