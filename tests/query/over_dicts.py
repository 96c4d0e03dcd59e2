"""SELECT over plain dicts: the meaning of DQL without a file, an index or any SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.query.plan import Catalogue
from sync.query.planner import plan_select
from sync.query.prepared import check_arguments, prepared
from sync.query.run import DictSource, Execution
from tests.query.language_cases import Documents


def answer_over_dicts(given: Documents, text: str, args: Mapping[str, Any]) -> list[Any]:
    """What a SELECT answers on these documents."""
    asked = prepared(text)
    check_arguments(asked, args)
    source = DictSource({name: {d["_id"]: d for d in docs} for name, docs in given.items()})

    def plan_of(select: Any) -> Any:
        return plan_select(select, Catalogue())

    return list(Execution(source, args, plan_of).results(plan_of(asked.statement)))
