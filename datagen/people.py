"""Who works for Zava and who buys there: demo accounts, users, their devices, customers.

Customers come from Faker; e-mails are at example.com and phone numbers in the 555-01xx block, so
nothing reaches a real person. Passwords stand only in `DEMO_ACCOUNTS`, never in a document.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from faker import Faker

from app.domain.collections import Document
from app.domain.roles import SUPER_USER_ID, Role
from app.domain.times import iso_z
from datagen.catalogue import LISTED_UNTIL, OPENED
from datagen.randomness import moment
from datagen.stores import STORES, Store

DEMO_PASSWORD = "zava-demo"
"""The password of every demo account; a real hub gets accounts of its own."""

FOUNDING_SHARE = 0.3
"""Part of the customers who were there before the first order, at least one in every store."""


@dataclass(frozen=True, slots=True)
class Account:
    """A login of the demo hub; `store_id` is None for the super manager, who has no store."""

    login: str
    password: str
    user_id: str
    role: str
    store_id: str | None
    display_name: str


_STAFF = {
    "seattle": ("Ana Morales", "Ben Carter", "Cleo Nakamura"),
    "bellevue": ("Dara Singh", "Eli Brooks", "Faye Lindqvist"),
    "tacoma": ("Gus Moreno", "Hana Kim", "Ivor Walsh"),
    "spokane": ("June Hadley", "Kofi Mensah", "Lena Petrova"),
    "olympia": ("Milo Grant", "Nora Castillo", "Omar Haddad"),
    "vancouver": ("Pia Larsen", "Quinn Abbott", "Rosa Delgado"),
    "everett": ("Sam Okafor", "Tess Holloway", "Uma Rao"),
    "online": ("Viktor Dunn", "Wren Fisher", "Xavier Lowe"),
}
_SHORT_LOGINS = {"seattle": ("ana", "ben", "cleo")}
_ROLES = (Role.WORKER, Role.REP, Role.MANAGER)
_DEVICES = {
    Role.WORKER: ("W1", "handheld"),
    Role.REP: ("R1", "tablet"),
    Role.MANAGER: ("M1", "desk"),
}


def _accounts() -> list[Account]:
    accounts = [
        _account(store, place, role) for store in STORES for place, role in enumerate(_ROLES)
    ]
    root = Account("root", DEMO_PASSWORD, SUPER_USER_ID, Role.SUPER.value, None, "Robin Super")
    return [*accounts, root]


def _account(store: Store, place: int, role: Role) -> Account:
    short = _SHORT_LOGINS.get(store.slug)
    login = short[place] if short else f"{role}.{store.slug}"
    user_id = f"user_{login.replace('.', '_')}"
    name = _STAFF[store.slug][place]
    return Account(login, DEMO_PASSWORD, user_id, role.value, store.store_id, name)


DEMO_ACCOUNTS: list[Account] = _accounts()
"""Worker, rep and manager of every store (Seattle: ana, ben, cleo), and the super manager."""


def user_documents() -> list[Document]:
    """The `users` collection: the demo accounts without their passwords."""
    codes = {store.store_id: store.code for store in STORES}
    return [
        {
            "_id": account.user_id,
            "user_id": account.user_id,
            "login": account.login,
            "display_name": account.display_name,
            "initials": "".join(word[0] for word in account.display_name.split()),
            "role": account.role,
            "store_id": account.store_id,
            "store_code": codes[account.store_id] if account.store_id else None,
            "deleted": False,
        }
        for account in DEMO_ACCOUNTS
    ]


def device_documents(rng: random.Random, as_of: datetime) -> list[Document]:
    """The `devices` collection: the one device each person of a store used before today."""
    devices = []
    for account in DEMO_ACCOUNTS:
        if account.store_id is None:
            continue
        code, kind = _DEVICES[Role(account.role)]
        device_id = f"{rng.getrandbits(128):032x}"
        devices.append(
            {
                "_id": device_id,
                "device_id": device_id,
                "device_name": f"{account.display_name.split()[0]}'s {kind}",
                "device_code": code,
                "user_id": account.user_id,
                "store_id": account.store_id,
                "last_seen": iso_z(moment(rng, as_of - timedelta(days=2), as_of)),
                "deleted": False,
            }
        )
    return devices


def customer_documents(
    rng: random.Random, faker_seed: int, count: int, as_of: datetime
) -> Iterator[Document]:
    """The `customers` collection: each belongs to a store by its share and to that store's rep."""
    fake = Faker("en_US", use_weighting=False)
    fake.seed_instance(faker_seed)
    reps = {a.store_id: a.user_id for a in DEMO_ACCOUNTS if a.role == Role.REP}
    used_ids: set[str] = set()
    opened: set[str] = set()
    namesakes: Counter[str] = Counter()
    for store in _stores_by_share(rng, count):
        first, last = fake.first_name(), fake.last_name()
        customer_id = _new_customer_id(rng, used_ids)
        founding = rng.random() < FOUNDING_SHARE or store.store_id not in opened
        opened.add(store.store_id)
        created = moment(rng, OPENED, LISTED_UNTIL if founding else as_of - timedelta(days=1))
        yield {
            "_id": customer_id,
            "customer_id": customer_id,
            "first_name": first,
            "last_name": last,
            "email": _email(first, last, namesakes),
            "phone": f"({store.area_code}) 555-01{rng.randrange(100):02d}",
            "primary_store_id": store.store_id,
            "assigned_rep_id": reps[store.store_id],
            "created_at": iso_z(created),
            "updated_at": iso_z(moment(rng, created, as_of)),
            "deleted": False,
        }


def _stores_by_share(rng: random.Random, count: int) -> list[Store]:
    """Exactly the stores' shares, shuffled; the first store takes what rounding leaves."""
    picked = [store for store in STORES for _ in range(count * store.share_percent // 100)]
    picked += [STORES[0]] * (count - len(picked))
    rng.shuffle(picked)
    return picked


def _new_customer_id(rng: random.Random, used: set[str]) -> str:
    while (customer_id := f"cust_{rng.getrandbits(32):08x}") in used:
        continue
    used.add(customer_id)
    return customer_id


def _email(first: str, last: str, namesakes: Counter[str]) -> str:
    name = f"{first}.{last}".lower().replace(" ", "").replace("'", "")
    namesakes[name] += 1
    number = namesakes[name]
    return f"{name}{number if number > 1 else ''}@example.com"
