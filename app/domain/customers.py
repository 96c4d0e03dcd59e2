"""A customer met by a rep: what has to be known of them, and their document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.domain.collections import Document
from app.domain.errors import DomainError
from app.domain.fields import read_email, read_phone
from app.domain.times import iso_z

NAME_LETTERS_MAX: Final = 60
FIRST, LAST, EMAIL, PHONE = FIELDS = ("first_name", "last_name", "email", "phone")


@dataclass(frozen=True, slots=True)
class Contact:
    """What is typed about a customer."""

    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""

    @property
    def tidy(self) -> Contact:
        """Without spaces around and doubled ones within; an e-mail address in small letters."""
        return Contact(
            " ".join(self.first_name.split()),
            " ".join(self.last_name.split()),
            self.email.strip().lower(),
            " ".join(self.phone.split()),
        )


def troubles(contact: Contact) -> dict[str, str]:
    """What is wrong or missing, by field, each in words that say what would do.

    Both names are needed, and a way to reach the customer: an e-mail address or a phone number.
    """
    tidy, found = contact.tidy, {}
    for field, name, label in ((FIRST, tidy.first_name, "first"), (LAST, tidy.last_name, "last")):
        if not name:
            found[field] = f"Type the {label} name."
        elif len(name) > NAME_LETTERS_MAX:
            found[field] = f"Use at most {NAME_LETTERS_MAX} letters."
    for field, label, text, reader in (
        (EMAIL, "E-mail", tidy.email, read_email),
        (PHONE, "Phone", tidy.phone, read_phone),
    ):
        try:
            reader(label, text)
        except DomainError as error:
            found[field] = f"This {error.message.partition('” ')[2]} {error.remedy}"
    if not tidy.email and not tidy.phone:
        found[PHONE] = "Type a phone number or an e-mail address."
    return found


def build_customer(
    contact: Contact, customer_id: str, store_id: str, rep_id: str, at: str | datetime
) -> Document:
    """The document of a new customer of a store. Raises `DomainError` (customer_incomplete)."""
    wrong = troubles(contact)
    if wrong:
        raise DomainError(
            "customer_incomplete", "This customer cannot be saved yet.", next(iter(wrong.values()))
        )
    tidy, now = contact.tidy, iso_z(at)
    return {
        "_id": customer_id,
        "customer_id": customer_id,
        "first_name": tidy.first_name,
        "last_name": tidy.last_name,
        "email": tidy.email,
        "phone": tidy.phone,
        "primary_store_id": store_id,
        "assigned_rep_id": rep_id,
        "created_at": now,
        "updated_at": now,
        "deleted": False,
    }


def is_same(contact: Contact, customer: Mapping[str, Any]) -> bool:
    """Whether a customer is reached the same way: the same e-mail address or phone number."""
    tidy = contact.tidy
    email, phone = str(customer.get("email", "")).lower(), _digits(customer.get("phone", ""))
    return bool(tidy.email and tidy.email == email) or bool(
        _digits(tidy.phone) and _digits(tidy.phone) == phone
    )


def _digits(phone: object) -> str:
    return "".join(letter for letter in str(phone) if letter.isdigit())
