"""What a person can ask a connector for: look, list, retry, audit, read anew.

The same whether it runs (``control`` brings the order) or the hub's file is opened for it alone.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from sync.connector.audit import Audit
from sync.connector.control import Told
from sync.connector.engine import Engine
from sync.connector.ids import key_name, key_of
from sync.connector.letters import LETTERS_TOLD_MAX, Letter
from sync.connector.rules import CollectionRule
from sync.connector.runner import Connector
from sync.errors import MessageGarbage
from sync.errors.mongo import CollectionUnknown, LetterUnknown
from sync.local.replica import Replica

LOOK_MS = 200
"""Between two looks at how far an initial sync is."""


class Orders:
    """Carries orders out (``control.Carry``)."""

    def __init__(self, replica: Replica, connector: Connector) -> None:
        self._connector = connector
        self._replica = replica
        self._sleep = connector.around.sleep

    async def carry(self, do: str, given: dict[str, Any], told: Told) -> dict[str, Any]:
        """One order. ``MessageGarbage`` for none that is known, or what it raises by name."""
        match do:
            case "status":
                return (await self._connector.status()).to_json()
            case "list":
                return await self._listed()
            case "show":
                return told_of(await self._letter(int(given["number"])))
            case "retry":
                return await self._retry(given)
            case "audit":
                return await self._audited(given, told)
            case "initial-sync":
                return await self._read_anew(given, told)
        raise MessageGarbage(f"A connector knows no order {do!r}.")

    async def _letter(self, number: int) -> Letter:
        letter = await self._connector.desk.do(lambda engine: engine.letter(number))
        if letter is None:
            raise LetterUnknown(f"There is no dead letter {number}.")
        return letter

    async def _listed(self) -> dict[str, Any]:
        """The oldest letters, and how many there are besides."""

        def step(engine: Engine) -> dict[str, Any]:
            letters = engine.letters(LETTERS_TOLD_MAX)
            more = sum(engine.status()["letters"].values()) - len(letters)
            return {"letters": [told_of(each) for each in letters], "more": more}

        return await self._connector.desk.do(step)

    async def _retry(self, given: dict[str, Any]) -> dict[str, Any]:
        desk, source = self._connector.desk, self._connector.source
        if "number" in given:
            letters = [await self._letter(int(given["number"]))]
        else:
            letters = await desk.do(lambda engine: engine.letters())
        for letter in letters:
            await desk.do(partial(Engine.retry, number=letter.number), rings=True)
            if letter.way == "in" and letter.key:
                keys = [key_of(letter.key)]
                images = await source.read(letter.collection, keys)
                step = partial(
                    Engine.refresh, collection=letter.collection, keys=keys, images=images
                )
                await desk.do(step, rings=True)
        return {"retried": len(letters)}

    async def _audited(self, given: dict[str, Any], told: Told) -> dict[str, Any]:
        rules = self._rules(given.get("collections"))
        desk, source = self._connector.desk, self._connector.source
        report = await Audit(self._replica, desk, source, self._sleep).run(rules, told)
        answer = report.to_json()
        if given.get("repair") and report.differences:
            by_collection: dict[str, list[str]] = {}
            for each in report.differences:
                by_collection.setdefault(each.collection, []).append(each.doc_id)
            for name, ids in by_collection.items():
                step = partial(Engine.repair, collection=name, doc_ids=ids)
                await self._connector.desk.do(step, rings=True)
            answer["repairing"] = sorted(by_collection)
        return answer

    async def _read_anew(self, given: dict[str, Any], told: Told) -> dict[str, Any]:
        names = [rule.name for rule in self._rules(given.get("collections"))]
        for name in names:
            step = partial(Engine.again, collection=name, reason="asked for")
            await self._connector.desk.do(step)
        if given.get("wait", True):
            await self.finished(names, told)
        return {"collections": names}

    async def finished(self, names: list[str], told: Told) -> None:
        """Wait until the snapshots of these collections are taken."""
        while True:
            status = await self._connector.status()
            found = {name: status.collections[name] for name in names if name in status.collections}
            told({"collections": found, "state": status.state})
            if all(each["state"] != "due" for each in found.values()):
                return
            await self._sleep(LOOK_MS)

    def _rules(self, names: list[str] | None) -> list[CollectionRule]:
        known = self._connector.plan.rules.collections
        unknown = [name for name in names or () if name not in known]
        if unknown:
            raise CollectionUnknown(f"{unknown[0]} is not synced; known are {', '.join(known)}.")
        return [known[name] for name in names or known]


def told_of(letter: Letter) -> dict[str, Any]:
    """A dead letter as plain JSON values, with what to do about it."""
    return {**asdict(letter), "mongodb_id": key_name(letter.key), "remedy": letter.remedy}
