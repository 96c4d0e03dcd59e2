"""The documents of `app.domain.documents` as pydantic models: what a check validates with."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from app.domain.collections import Document
from app.domain.documents import KINDS, About

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)


def problem(collection: str, document: Document) -> str | None:
    """What is wrong with the form of a document, in words; None if nothing is."""
    model = models().get(collection)
    if model is None:
        return f"{collection} is no collection of the data model"
    try:
        model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        return f"{collection} {document.get('_id')}: {place}: {first['msg']}"
    return None


@cache
def models() -> Mapping[str, type[BaseModel]]:
    """A model a collection."""
    return {name: _model(kind.type) for name, kind in KINDS.items()}


@cache
def _model(kind: type) -> type[BaseModel]:
    hints = get_type_hints(kind, include_extras=True)
    fields: dict[str, Any] = {}
    for each in dataclasses.fields(kind):
        default = ... if each.default is dataclasses.MISSING else each.default
        field = Field(default, alias=each.name)
        fields[each.name.removeprefix("_") or each.name] = (_form(hints[each.name]), field)
    return create_model(kind.__name__, __config__=_STRICT, **fields)


def _form(hint: Any) -> Any:
    """A type as pydantic understands it: what `About` says becomes a constraint."""
    if get_origin(hint) is Annotated:
        base, about = get_args(hint)
        return Annotated[_form(base), _constraint(about)]
    if get_origin(hint) in (Union, types.UnionType):
        return Union[tuple(_form(part) for part in get_args(hint))]  # noqa: UP007
    return _model(hint) if dataclasses.is_dataclass(hint) else hint


def _constraint(about: About) -> Any:
    pattern = f"^(?:{about.pattern})$" if about.pattern else None
    return Field(description=about.text, pattern=pattern, ge=about.least, le=about.most)
