"""The pins: bounded ranges above, exact hashed versions below, and the same for both installers."""

from __future__ import annotations

import re

from tests.tidy.source import (
    PACKAGES,
    ROOT,
    imports,
    modules,
    pyproject,
    report,
    requirement_name,
    third_party,
)

DISTRIBUTIONS = {
    "argon2": "argon2-cffi",
    "bson": "pymongo",
    "dotenv": "python-dotenv",
    "flet_web": "flet-web",
    "jwt": "pyjwt",
    "prompt_toolkit": "prompt-toolkit",
    "yaml": "pyyaml",
}
PIN = re.compile(r"^[\w.-]+==\S+( ; .+)?( \\)?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def compiled() -> list[str]:
    """The lines of the compiled file without comments."""
    lines = (ROOT / "requirements" / "all.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def direct_requirements() -> list[str]:
    """Every requirement that the project file states itself."""
    project = pyproject()
    tables = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    return [each for table in tables for each in table if isinstance(each, str)]


def test_direct_dependencies_are_bounded() -> None:
    own = pyproject()["project"]["name"]
    ranges = [each for each in direct_requirements() if requirement_name(each) != own]
    assert [each for each in ranges if ">=" not in each or "<" not in each.split(">=")[1]] == []


def test_the_compiled_file_is_versions_and_hashes_only() -> None:
    strange = [line for line in compiled() if not PIN.match(line) and not HASH.match(line)]
    assert not strange, report(strange)
    text = "\n".join(compiled())
    bare = [each for each in re.split(r"\n(?=\w)", text) if "--hash=" not in each]
    assert not bare, report(bare)


def test_every_direct_dependency_is_pinned() -> None:
    pinned = {requirement_name(line) for line in compiled() if PIN.match(line)}
    wanted = {requirement_name(each) for each in direct_requirements()}
    assert wanted - pinned == {pyproject()["project"]["name"]}


def test_uv_run_is_held_to_the_compiled_versions() -> None:
    pins = [line.removesuffix(" \\") for line in compiled() if PIN.match(line)]
    remedy = "run: python requirements/compile.py"
    assert pyproject()["tool"]["uv"]["constraint-dependencies"] == pins, remedy


def test_the_dev_group_pulls_in_every_extra() -> None:
    project = pyproject()
    (own,) = [each for each in project["dependency-groups"]["dev"] if isinstance(each, str)]
    extras = re.search(r"\[(.*)\]", own)
    assert extras is not None
    assert set(extras[1].split(",")) == set(project["project"]["optional-dependencies"])


def test_what_is_imported_is_declared() -> None:
    declared = {requirement_name(each) for each in direct_requirements()}
    wrong = [
        f"{module.path}:{each.line} imports {each.root}, which is no direct dependency"
        for module in modules(*PACKAGES)
        for each in imports(module)
        if third_party(each.root) and DISTRIBUTIONS.get(each.root, each.root) not in declared
    ]
    assert not wrong, report(wrong)


def test_the_lock_file_stays_out_of_git() -> None:
    assert "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
