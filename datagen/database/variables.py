"""The environment variables of the database tools and of the data set, and what is set of them.

The names are those of the scripts that these tools replace, so that a `.env` goes on working.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from datagen.database.verdict import Verdict, bad, good, note
from sync.connector.connection import connect, redacted
from sync.errors.mongo import MongoAddressInvalid

Kind: TypeAlias = Literal["needed", "optional", "secret", "address"]

CONNECTION: Final = "MONGODB_CONNECTION_STRING"
DATABASE: Final = "MONGODB_DATABASE"
DATABASE_DEFAULT: Final = "zava"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: whether its value may be shown, and what it is for."""

    name: str
    kind: Kind
    use: str


VARIABLES: Final = (
    Variable(CONNECTION, "address", "where MongoDB is"),
    Variable(DATABASE, "optional", f"the database, {DATABASE_DEFAULT} if unset"),
    Variable("AZURE_OPENAI_ENDPOINT", "optional", "embeddings by Azure OpenAI"),
    Variable("AZURE_OPENAI_API_KEY", "secret", "the key of Azure OpenAI"),
    Variable("AZURE_OPENAI_DEPLOYMENT", "optional", "the deployment that makes embeddings"),
    Variable("NUM_CUSTOMERS", "optional", "customers in a generated data set"),
    Variable("NUM_ORDERS", "optional", "orders in a generated data set"),
)
_TOGETHER: Final = ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY")
_NUMBERS: Final = ("NUM_CUSTOMERS", "NUM_ORDERS")
_FILE: Final = "Write it into `.env` (see .env.sample), or export it."


def check_credentials(environment: Mapping[str, str]) -> list[Verdict]:
    """What is set, what is missing and what cannot be right; secrets are masked."""
    found = [_judged(each, environment.get(each.name, "")) for each in VARIABLES]
    halves = [name for name in _TOGETHER if environment.get(name)]
    if len(halves) == 1:
        missing = next(name for name in _TOGETHER if name not in halves)
        found = [
            bad(missing, f"Not set, while {halves[0]} is.", _FILE) if v.name == missing else v
            for v in found
        ]
    return found


def _judged(variable: Variable, value: str) -> Verdict:
    name = variable.name
    if not value:
        if variable.kind == "address":
            return bad(name, f"Not set: {variable.use} is not known.", _FILE)
        return note(name, f"Not set: {variable.use}.")
    if variable.kind == "secret":
        return good(name, f"Set: {masked(value)}.")
    if variable.kind == "address":
        return _address(name, value)
    if name in _NUMBERS and not value.isdecimal():
        return bad(name, f"{value!r:.30} is no number.", "Write digits only.")
    return good(name, f"Set: {value}.")


def _address(name: str, value: str) -> Verdict:
    try:
        connect(value)
    except MongoAddressInvalid as error:
        return bad(name, str(error), error.remedy)
    return good(name, f"Set: {redacted(value)}.")


def masked(secret: str) -> str:
    """Enough of a secret to tell two apart, and too little to use."""
    return f"{len(secret)} characters" + (f", ending in …{secret[-2:]}" if len(secret) > 15 else "")
