"""Every example of docs/dql.md runs, in order, and answers what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.helpers.replicas import open_replica

PAGE = Path(__file__).resolve().parents[2] / "docs" / "dql.md"
BLOCK = re.compile(r"^```(json|sql)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PARAMETER = re.compile(r"^-- (\w+) = (.+)$", re.MULTILINE)


def test_every_example_answers_what_the_page_says(tmp_path: Path) -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    (_, given), *examples = blocks
    replica = open_replica(tmp_path / "page.sqlite3")
    with replica.transaction() as tx:
        for collection, documents in json.loads(given).items():
            for document in documents:
                tx.insert(collection, document)
    answer: list[Any] = []
    for language, text in examples:
        if language == "sql":
            args = {name: json.loads(value) for name, value in PARAMETER.findall(text)}
            answer = list(replica.execute(text, args).items)
        else:
            assert answer == json.loads(text), f"before this answer of the page: {text}"
    assert sum(language == "sql" for language, _ in examples) > 20
    replica.close()
