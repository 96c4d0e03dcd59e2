"""What `zava permissions` says."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from app.cli import output
from sync.errors import ConfigInvalid, HubUnreachable
from sync.hub.collections import ROLES
from sync.hub.permission_matrix import lines, markdown, verdicts
from sync.hub.permissions import default_rules, read_permissions
from sync.peer.rules import ALWAYS, NEVER, Grant, Rules

EXIT_NOT_WELL = 3
_HEALTH_SECONDS_MAX = 10


def check_file(path: Path, *, force: bool, as_json: bool) -> int:
    """Every mistake in a file; the exit code."""
    try:
        rules = read_permissions(path, force=force).value.rules()
    except ConfigInvalid as error:
        if as_json:
            problems = [
                {"line": each.line, "column": each.column, "message": each.message}
                for each in error.problems
            ]
            output.say_json(ok=False, file=str(path), problems=problems)
        else:
            output.say("{told}", told=error.told())
            output.say("[bold]what to do:[/] {remedy}", remedy=error.remedy)
        return EXIT_NOT_WELL
    if as_json:
        output.say_json(ok=True, file=str(path), digest=rules.digest)
    else:
        output.say("[bold green]{path} is sound.[/]  [dim]{d}[/]", path=path, d=rules.digest)
    return output.EXIT_OK


def show_rules(path: Path | None, role: str | None, *, as_json: bool) -> None:
    """The conditions, by role and collection."""
    rules = _rules(path)
    wanted = [each for each in ROLES if role in (None, each)]
    if as_json:
        data: dict[str, Any] = rules.to_json()
        grants = {each: data["grants"].get(each, {}) for each in wanted}
        output.say_json(**{**data, "grants": grants})
        return
    table = Table("Role", "Collection", "Operation", "Where", title_justify="left")
    for each in wanted:
        if each in rules.all_roles:
            table.add_row(each, "every one", "everything", "always", end_section=True)
        for name, grant in rules.grants.get(each, {}).items():
            for operation, condition in _conditions(grant):
                table.add_row(each, str(name), operation, escape(condition))
        table.add_section()
    output.screen.print(table)


def _conditions(grant: Grant) -> list[tuple[str, str]]:
    update = grant.changed_to
    if grant.changed_from != grant.changed_to:
        update = f"before: {grant.changed_from}\nafter: {grant.changed_to}"
    if grant.only is not None:
        update += f"\nonly the fields {', '.join(grant.only)}"
    if grant.never:
        update += f"\nnot the fields {', '.join(grant.never)}"
    found = (
        *(("read", grant.read), ("create", grant.create)),
        *(("update", update), ("delete", grant.delete)),
    )
    told = [(name, "always" if each == ALWAYS else each) for name, each in found]
    return [(name, each) for name, each in told if not each.startswith(NEVER)]


def show_matrix(path: Path | None, *, as_json: bool, as_markdown: bool) -> None:
    """What the rules come to."""
    rules = _rules(path)
    if as_json:
        for each in verdicts(rules):
            output.say_json(
                role=each.role,
                collection=each.collection,
                operation=each.operation,
                own_store=each.place.own_store,
                mine=each.place.mine,
                allowed=each.allowed,
                why=each.why,
            )
    elif as_markdown:
        print(markdown(rules), end="")
    else:
        table = Table("Collection", "Roles", "Read", "Create", "Update", "Delete")
        last = ""
        for line in lines(rules):
            if line.collection != last:
                table.add_section()
            name, last = ("" if line.collection == last else line.collection), line.collection
            update = f"{line.update}\n{line.fields}" if line.fields else line.update
            cells = (line.read, line.create, update, line.delete)
            table.add_row(name, ", ".join(line.roles), *cells)
        output.screen.print(table)


def show_status(path: Path | None, hub: str, *, as_json: bool) -> int:
    """What a hub has in force, and whether it is what a file says; the exit code."""
    found = _health(hub)["permissions"]
    wanted = None if path is None else read_permissions(path).value.rules().digest
    is_this = wanted in (None, found["digest"])
    since = datetime.fromtimestamp(found["since_ms"] / 1_000, UTC).isoformat(timespec="seconds")
    if as_json:
        output.say_json(hub=hub, **found, since=since, is_this_file=is_this if wanted else None)
    else:
        output.say("In force since {since}: rules [bold]{d}[/].", since=since, d=found["digest"])
        if found["broken"]:
            output.say("[bold red]The hub's file is broken; these are the former rules.[/]")
            output.say("Its log names the line; `zava permissions check FILE` shows it.")
        if not is_this:
            output.say("[bold red]{path} says something else:[/] {d}.", path=path, d=wanted)
    return EXIT_NOT_WELL if found["broken"] or not is_this else output.EXIT_OK


def _health(hub: str) -> dict[str, Any]:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{hub.rstrip('/')}/v1/health", timeout=_HEALTH_SECONDS_MAX) as answer:
            fields: dict[str, Any] = json.load(answer)
            return fields
    except (OSError, ValueError) as error:
        raise HubUnreachable(f"No hub answers at {hub}.") from error


def _rules(path: Path | None) -> Rules:
    return default_rules() if path is None else read_permissions(path, force=True).value.rules()
