"""The eight stores: seven shops in Washington State and the online store.

Addresses are invented, coordinates are those of the city centres, tax rates are examples near the
local ones.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from app.domain.collections import Document
from datagen.randomness import uuid4


@dataclass(frozen=True, slots=True)
class Store:
    """What the generators know of a store beyond its document."""

    store_id: str
    code: str
    city: str
    address: str
    zip: str
    latitude: float
    longitude: float
    area_code: str
    tax_rate_bp: int
    share_percent: int
    """Part of the chain's customers."""
    order_multiplier: float
    """Its orders against others: Seattle and Online lead at 3.0."""
    products: int
    """How many of the catalogue's 424 products it stocks."""
    aisles: int
    online: bool = False

    @property
    def slug(self) -> str:
        """The last part of its id: `seattle`, `online`."""
        return self.store_id.removeprefix("store_")

    @property
    def name(self) -> str:
        """Its display name: `Zava Retail Seattle`."""
        return f"Zava Retail {'Online' if self.online else self.city}"


STORES: tuple[Store, ...] = (
    Store(
        "store_seattle", "SEA", "Seattle", "123 Main St", "98101",
        47.6062, -122.3321, "206", 1035, 30, 3.0, 420, 18,
    ),
    Store(
        "store_bellevue", "BEL", "Bellevue", "480 Orchard Way", "98004",
        47.6101, -122.2015, "425", 1020, 25, 2.5, 412, 16,
    ),
    Store(
        "store_tacoma", "TAC", "Tacoma", "2210 Harbor Ave", "98402",
        47.2529, -122.4443, "253", 1030, 5, 0.7, 398, 14,
    ),
    Store(
        "store_spokane", "SPO", "Spokane", "915 Falls Rd", "99201",
        47.6588, -117.4260, "509", 900, 3, 0.5, 384, 12,
    ),
    Store(
        "store_olympia", "OLY", "Olympia", "77 Capitol Mill Rd", "98501",
        47.0379, -122.9007, "360", 980, 2, 0.4, 372, 10,
    ),
    Store(
        "store_vancouver", "VAN", "Vancouver", "3300 Bridge St", "98660",
        45.6387, -122.6615, "360", 880, 2, 0.4, 380, 12,
    ),
    Store(
        "store_everett", "EVE", "Everett", "1508 Mill Creek Dr", "98201",
        47.9790, -122.2021, "425", 990, 3, 0.5, 378, 11,
    ),
    Store(
        "store_online", "ONL", "Kent", "6000 Warehouse Loop", "98032",
        47.3809, -122.2348, "206", 1010, 30, 3.0, 424, 20, online=True,
    ),
)  # fmt: skip


def store_documents(rng: random.Random) -> list[Document]:
    """The `stores` collection; `rls_user_id` is drawn from `rng`."""
    return [
        {
            "_id": store.store_id,
            "store_id": store.store_id,
            "store_code": store.code,
            "store_name": store.name,
            "rls_user_id": uuid4(rng),
            "is_online": store.online,
            "location": {
                "address": store.address,
                "city": store.city,
                "state": "WA",
                "zip": store.zip,
                "latitude": store.latitude,
                "longitude": store.longitude,
            },
            "tax_rate_bp": store.tax_rate_bp,
            "created_at": "2019-06-01T17:00:00Z",
            "deleted": False,
        }
        for store in STORES
    ]
