"""A hub with just enough for the scenario: one store, five products in a place each, a customer."""

from __future__ import annotations

from typing import Any

from tests.app.sales_shop import customer

STORE = "store_seattle"
PRODUCTS = tuple(f"prod_{number}" for number in range(1, 6))


def lab_documents() -> list[tuple[str, dict[str, Any]]]:
    """(collection, document) pairs; every place holds 40."""
    documents: list[tuple[str, dict[str, Any]]] = [
        (
            "stores",
            {
                "_id": STORE,
                "store_id": STORE,
                "store_name": "Zava Retail Seattle",
                "store_code": "SEA",
                "tax_rate_bp": 1_035,
                "deleted": False,
            },
        ),
        ("customers", customer("cust_sam", "Sam", "Lee", "(206) 555-0111", "user_ben")),
    ]
    for login, role, name in (("ana", "worker", "Ana Morales"), ("ben", "rep", "Ben Carter")):
        user = {"_id": f"user_{login}", "user_id": f"user_{login}", "role": role}
        documents.append(("users", {**user, "display_name": name, "store_id": STORE}))
    for number, product_id in enumerate(PRODUCTS, start=1):
        product = {
            "_id": product_id,
            "product_id": product_id,
            "sku": f"SKU-{number}",
            "product_name": f"Drill {number}",
            "base_price": 10.0 * number,
            "deleted": False,
        }
        place = {
            "_id": f"inv_{number}",
            "store_id": STORE,
            "product_id": product_id,
            "location": {"aisle": "5", "shelf": "A", "bin": str(number)},
            "stock_level": 40,
            "notes": "",
            "last_counted": "2026-11-18T10:00:00Z",
            "deleted": False,
        }
        documents += [("products", product), ("inventory", place)]
    return documents
