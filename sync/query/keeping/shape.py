"""A plan taken apart into the stages of a kept result."""

from __future__ import annotations

from dataclasses import dataclass

from sync.query.plan import (
    Access,
    CountScan,
    Filter,
    Group,
    Limit,
    NestedLoop,
    Node,
    Ordered,
    Plan,
    Project,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The nodes of a plan: ``first`` reads the documents of FROM, ``steps`` are the joins and
    conditions in the order in which rows go through them; ``rows`` is the node that yields rows in
    their order, before they are projected."""

    first: Access
    steps: tuple[Filter | NestedLoop, ...]
    group: Group | None
    having: Filter | None
    ordered: Ordered | None
    rows: Node
    project: Project
    limit: Limit | None

    @property
    def loops(self) -> tuple[NestedLoop, ...]:
        """The joins."""
        return tuple(step for step in self.steps if isinstance(step, NestedLoop))

    @property
    def is_narrow(self) -> bool:
        """Whether few of the rows may be shown: then only a part of them is worth keeping."""
        return self.limit is not None and self.limit.limit is not None


def shape_of(plan: Plan) -> Shape | None:
    """The stages of a plan; None for one that reads no documents."""
    limit, node = (
        (plan.root, plan.root.input) if isinstance(plan.root, Limit) else (None, plan.root)
    )
    assert isinstance(node, Project)
    project, rows = node, node.input
    ordered, node = (rows, rows.input) if isinstance(rows, Ordered) else (None, rows)
    group, having = None, None
    if isinstance(node, Filter) and isinstance(node.input, Group):
        having, node = node, node.input
    if isinstance(node, Group):
        group, node = node, node.input
    steps: list[Filter | NestedLoop] = []
    while isinstance(node, Filter | NestedLoop):
        steps.append(node)
        node = node.input
    if isinstance(node, CountScan):
        return None
    assert not isinstance(node, Group | Ordered | Project | Limit)
    return Shape(node, tuple(reversed(steps)), group, having, ordered, rows, project, limit)
