"""What every document looks like: one type a collection, with the meaning of each field.

The shop's code works on plain dicts; these types say what those hold. Checks of generated data and
docs/data.md are made from them. A field with a default may be absent; `About` says what a value
must be beyond its type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from app.domain import collections as names


@dataclass(frozen=True, slots=True)
class About:
    """The meaning of a field, the pattern of a text, the bounds of a number."""

    text: str
    pattern: str = ""
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One collection: its type, the largest document, and how its id maps to MongoDB's."""

    type: type
    purpose: str
    bytes_max: int


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WHEN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
When = Annotated[str, About("an instant, ISO 8601 in UTC", _WHEN)]
Deleted = Annotated[bool, About("soft delete: true hides the document everywhere")]
StoreId = Annotated[str, About("the store", r"store_[a-z]+")]
CustomerId = Annotated[str, About("the customer; `cust_` and hex, or a ULID", r"cust_[0-9A-Za-z]+")]
OrderId = Annotated[str, About("the order; `order_` and a ULID", r"order_[0-9A-HJKMNP-TV-Z]{26}")]
ProductId = Annotated[str, About("the product: its SKU in small letters", r"prod_[a-z0-9_]+")]
UserId = Annotated[str, About("the user; all zeros is the super manager", r"user_\w+|[0-]+")]
Uuid = Annotated[str, About("UUID, version 4", _UUID)]
Amount = Annotated[float, About("US dollars, two decimals", least=0)]
Percent = Annotated[float, About("percent", least=0, most=100)]


@dataclass(frozen=True, slots=True)
class Address:
    address: Annotated[str, About("street, invented")]
    city: Annotated[str, About("city")]
    state: Annotated[str, About("state", r"[A-Z]{2}")]
    zip: Annotated[str, About("ZIP code", r"\d{5}")]
    latitude: Annotated[float, About("of the city centre", least=-90, most=90)]
    longitude: Annotated[float, About("of the city centre", least=-180, most=180)]


@dataclass(frozen=True, slots=True)
class Place:
    aisle: Annotated[str, About("aisle")]
    shelf: Annotated[str, About("shelf")]
    bin: Annotated[str, About("place on the shelf")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    _id: StoreId
    store_id: StoreId
    store_code: Annotated[str, About("short code in order codes and on labels", r"[A-Z]{3}")]
    store_name: Annotated[str, About("display name")]
    rls_user_id: Annotated[str, About("row-level security: who manages the store", _UUID)]
    is_online: Annotated[bool, About("no shop, only parcels")]
    location: Annotated[Address, About("where it is")]
    tax_rate_bp: Annotated[int, About("sales tax in basis points", least=0, most=2_000)]
    created_at: When
    deleted: Deleted
    deleted_at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    _id: Annotated[str, About("the category", r"cat_[a-z_]+")]
    category_id: Annotated[str, About("the id again")]
    category_name: Annotated[str, About("display name")]
    seasonal_multipliers: Annotated[dict[str, float], About("demand by month, jan to dec")]
    deleted: Deleted
    deleted_at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductType:
    _id: Annotated[str, About("the product type", r"type_[a-z_]+")]
    type_id: Annotated[str, About("the id again")]
    type_name: Annotated[str, About("display name")]
    category_id: Annotated[str, About("its category")]
    deleted: Deleted
    deleted_at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    _id: ProductId
    product_id: ProductId
    sku: Annotated[str, About("stock keeping unit", r"[A-Z]{3}-[A-Z]+-\d{3}")]
    barcode: Annotated[str, About("EAN-13 in the in-store range 20–29", r"2\d{12}")]
    product_name: Annotated[str, About("display name")]
    category_id: Annotated[str, About("its category")]
    type_id: Annotated[str, About("its product type")]
    cost: Amount
    base_price: Annotated[float, About("retail price: cost / 0.67, to the cent", least=0)]
    gross_margin_percent: Annotated[float, About("always 33", least=33, most=33)]
    product_description: Annotated[str, About("what a customer reads")]
    image_url: Annotated[str, About("picture of its type, in `assets`", r"pictures/\w+\.svg")]
    specifications: Annotated[dict[str, str | int | float | bool], About("by type: size, power …")]
    created_at: When
    updated_at: When
    deleted: Deleted
    deleted_at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEmbedding:
    _id: ProductId
    product_id: ProductId
    description_embedding: Annotated[list[float], About("vector of length one")]
    model: Annotated[str, About("what made it")]
    dimensions: Annotated[int, About("how many numbers it has", least=1)]
    image_embedding: Annotated[list[float] | None, About("only where CLIP made it")] = None
    image_model: Annotated[str | None, About("what made that")] = None
    image_dimensions: Annotated[int | None, About("how many numbers that has", least=1)] = None
    image_url: Annotated[str, About("the picture", r"pictures/\w+\.svg")]
    created_at: When
    deleted: Deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    _id: UserId
    user_id: UserId
    login: Annotated[str, About("what one signs in with; the password is the hub's secret")]
    display_name: Annotated[str, About("full name")]
    initials: Annotated[str, About("initials")]
    role: Annotated[str, About("role", r"worker|rep|manager|super")]
    store_id: StoreId | None
    store_code: Annotated[str | None, About("code of that store")]
    deleted: Deleted
    deleted_at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    _id: Annotated[str, About("the replica id", r"[0-9a-f]{32}")]
    device_id: Annotated[str, About("the id again")]
    device_name: Annotated[str, About("what its person calls it")]
    device_code: Annotated[str, About("part of its order codes", r"[A-Z]\d+")]
    codes: Annotated[dict[str, str] | None, About("codes it has, or had, by store")] = None
    user_id: UserId
    store_id: Annotated[str, About("the store of its person")]
    last_seen: When
    deleted: Deleted
    deleted_at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    _id: CustomerId
    customer_id: CustomerId
    first_name: Annotated[str, About("first name")]
    last_name: Annotated[str, About("last name")]
    email: Annotated[str, About("unique; at example.com", r"([^@\s]+@[^@\s]+)?")]
    phone: Annotated[str, About("generated ones look like (206) 555-0111")]
    primary_store_id: StoreId
    assigned_rep_id: Annotated[str | None, About("the rep who looks after them")] = None
    created_at: When
    updated_at: When
    deleted: Deleted
    deleted_at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    _id: Uuid
    store_id: StoreId
    product_id: ProductId
    location: Annotated[Place, About("where it lies; each part merges by itself")]
    label_code: Annotated[str, About("shelf label: store, aisle, shelf, bin")] = ""
    stock_level: Annotated[int, About("pieces; a counter, never a plain SET")]
    reorder_threshold: Annotated[int, About("low at or below it", least=0)]
    last_updated: When
    last_counted: When | None = None
    last_reason: Annotated[str | None, About("why it was adjusted")] = None
    notes: Annotated[str | None, About("what workers wrote")] = None
    deleted: Deleted
    deleted_at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    _id: OrderId
    order_id: OrderId
    order_code: Annotated[str, About("store, device, its counter", r"[A-Z]{3}-[A-Z]\d+-\d{4,}")]
    customer_id: CustomerId
    store_id: StoreId
    order_date: When
    customer_name: Annotated[str, About("as it was then")]
    customer_email: Annotated[str, About("as it was then")]
    store_name: Annotated[str, About("as it was then")]
    item_count: Annotated[int, About("lines", least=1, most=200)]
    subtotal: Amount
    tax: Amount
    discount_total: Amount
    order_discount: Annotated[float | None, About("part of it: off the whole order")] = None
    order_discount_percent: Annotated[float | None, About("if given in percent")] = None
    total: Annotated[float, About("subtotal − discount_total + tax", least=0)]
    status: Annotated[str, About("how far it is", r"pending|ready|completed|cancelled")]
    created_by: UserId
    created_at: When
    updated_at: When
    note: Annotated[str | None, About("what the rep wrote")] = None
    deleted: Deleted
    deleted_at: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderItem:
    _id: Uuid
    order_id: OrderId
    store_id: StoreId
    customer_id: CustomerId
    product_id: ProductId
    sku: Annotated[str, About("as it was then")]
    product_name: Annotated[str, About("as it was then")]
    quantity: Annotated[int, About("pieces", least=1, most=99_999)]
    unit_price: Amount
    discount_percent: Percent
    discount_amount: Amount
    line_total: Annotated[float, About("quantity × unit_price − discount_amount", least=0)]
    created_at: When
    deleted: Deleted
    deleted_at: When | None = None


KINDS = {
    names.STORES: Kind(Store, "Seven shops in Washington State and the online store.", 1_024),
    names.CATEGORIES: Kind(Category, "Nine categories with their seasons.", 512),
    names.PRODUCT_TYPES: Kind(ProductType, "What a category consists of.", 512),
    names.PRODUCTS: Kind(Product, "The catalogue.", 5_120),
    "product_embeddings": Kind(
        ProductEmbedding, "Vectors for searches by meaning; in MongoDB only, never synced.", 25_600
    ),
    names.USERS: Kind(User, "Who works here.", 512),
    names.DEVICES: Kind(Device, "What they work with.", 512),
    names.CUSTOMERS: Kind(Customer, "Who buys here.", 640),
    names.INVENTORY: Kind(Inventory, "A product at a place of a store.", 640),
    names.ORDERS: Kind(Order, "Order headers.", 1_024),
    names.ORDER_ITEMS: Kind(OrderItem, "Order lines, a document each.", 640),
}
"""Every collection; bytes are of the JSON text, about the largest the data model estimates."""
