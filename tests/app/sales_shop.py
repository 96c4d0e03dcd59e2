"""What a rep's tests need beside the small shop: customers, a category, a last order."""

from __future__ import annotations

from typing import Any

from sync.local import Replica
from tests.app.conftest import DRILL, HAMMER

SAM, ROSE, TESS = "cust_sam", "cust_rose", "cust_tess"
LAST_ORDER = "order_last"


def customer(customer_id: str, first: str, last: str, phone: str, rep: str) -> dict[str, Any]:
    return {
        "_id": customer_id,
        "customer_id": customer_id,
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}@example.com".lower(),
        "phone": phone,
        "primary_store_id": "store_seattle",
        "assigned_rep_id": rep,
        "deleted": False,
    }


def order(order_id: str, customer_id: str, code: str, at: str, **fields: Any) -> dict[str, Any]:
    return {
        "_id": order_id,
        "order_id": order_id,
        "order_code": code,
        "customer_id": customer_id,
        "customer_name": "Sam Lee",
        "store_id": "store_seattle",
        "order_date": at,
        "created_at": at,
        "created_by": "user_ben",
        "item_count": 2,
        "subtotal": 183.97,
        "discount_total": 0.0,
        "tax": 11.96,
        "total": 195.93,
        "status": "completed",
        "deleted": False,
        **fields,
    }


def item(item_id: str, order_id: str, product_id: str, name: str, quantity: int) -> dict[str, Any]:
    return {
        "_id": item_id,
        "order_id": order_id,
        "customer_id": SAM,
        "store_id": "store_seattle",
        "product_id": product_id,
        "product_name": name,
        "sku": product_id,
        "quantity": quantity,
        "unit_price": 16.99,
        "discount_percent": 0,
        "line_total": 16.99 * quantity,
        "created_at": "2026-11-13T10:00:00Z",
        "deleted": False,
    }


def stock_the_books(replica: Replica) -> None:
    """Put customers, categories and one order into a replica."""
    tools = {"_id": "cat_tools", "category_id": "cat_tools", "category_name": "Power Tools"}
    with replica.transaction(author="user_hub") as tx:
        tx.insert("categories", {**tools, "deleted": False})
        tx.update("products", DRILL, {"category_id": "cat_tools"})
        tx.insert("customers", customer(SAM, "Sam", "Lee", "(206) 555-0111", "user_ben"))
        tx.insert("customers", customer(ROSE, "Rose", "Samson", "(206) 555-0122", "user_ben"))
        tx.insert("customers", customer(TESS, "Anna", "Tess", "(253) 555-0133", "user_hana"))
        tx.insert("orders", order(LAST_ORDER, SAM, "SEA-W1-0007", "2026-11-13T10:00:00Z"))
        tx.insert("order_items", item("item_1", LAST_ORDER, DRILL, "20V Cordless Drill", 1))
        tx.insert("order_items", item("item_2", LAST_ORDER, HAMMER, "16 oz Claw Hammer", 2))
