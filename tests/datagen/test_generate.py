from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from itertools import islice

import pytest

from app.domain.errors import DomainError
from app.domain.roles import SUPER_USER_ID
from datagen.collections import WRITTEN
from datagen.generate import generate
from datagen.people import DEMO_ACCOUNTS, DEMO_PASSWORD
from datagen.presets import PRESETS, Preset

AS_OF = "2026-11-20T18:00:00Z"
SMALL = Preset("small", customers=60, orders=120, recent_share=0.1)


def digest(documents) -> str:
    return hashlib.sha256(json.dumps(list(documents)).encode()).hexdigest()


@pytest.fixture(scope="module")
def demo():
    return list(generate("demo", as_of=AS_OF))


@pytest.fixture(scope="module")
def tables(demo):
    made = {name: {} for name in WRITTEN}
    for collection, document in demo:
        made[collection][document["_id"]] = document
    return made


def test_the_same_seed_and_date_give_the_same_bytes():
    assert digest(generate(SMALL, seed=3, as_of=AS_OF)) == digest(
        generate(SMALL, seed=3, as_of=AS_OF)
    )


@pytest.mark.parametrize(
    ("seed", "as_of"), [(4, AS_OF), (3, "2026-11-20T18:00:01Z"), (3, "2024-02-29T08:00:00Z")]
)
def test_another_seed_or_date_gives_other_data(seed, as_of):
    assert digest(generate(SMALL, seed=3, as_of=AS_OF)) != digest(
        generate(SMALL, seed=seed, as_of=as_of)
    )


def test_the_demo_has_the_size_of_the_demo(demo):
    counts = Counter(collection for collection, _ in demo)
    items = counts.pop("order_items")
    assert counts == {
        "stores": 8,
        "categories": 9,
        "product_types": 31,
        "products": 424,
        "product_embeddings": 424,
        "users": 25,
        "devices": 24,
        "customers": 400,
        "inventory": 3_168,
        "orders": 3_000,
    }
    assert 5_400 < items < 6_600


def test_collections_come_in_dependency_order(demo):
    assert list(dict.fromkeys(collection for collection, _ in demo)) == WRITTEN


def test_larger_sizes_have_the_same_shape():
    assert (PRESETS["standard"].customers, PRESETS["standard"].orders) == (25_000, 100_000)
    assert (PRESETS["full"].customers, PRESETS["full"].orders) == (50_000, 200_000)
    first = islice(generate("full", as_of=AS_OF), 497)
    assert Counter(collection for collection, _ in first)["products"] == 424


def test_every_store_has_its_people(tables):
    staff = Counter((user["store_id"], user["role"]) for user in tables["users"].values())
    assert all(staff[store, role] == 1 for store in tables["stores"] for role in ("worker", "rep"))
    assert tables["users"][SUPER_USER_ID]["role"] == "super"


def test_the_demo_accounts_are_the_users_and_no_document_knows_a_password(demo, tables):
    logins = {account.login: account for account in DEMO_ACCOUNTS}
    assert logins["ana"].role == "worker"
    assert logins["ben"].role == "rep"
    assert logins["cleo"].role == "manager"
    assert {logins[name].store_id for name in ("ana", "ben", "cleo")} == {"store_seattle"}
    assert {account.user_id for account in DEMO_ACCOUNTS} == set(tables["users"])
    assert DEMO_PASSWORD not in json.dumps(demo)


def test_customers_belong_to_the_rep_of_their_store(tables):
    ben = next(account for account in DEMO_ACCOUNTS if account.login == "ben")
    seattle = [c for c in tables["customers"].values() if c["primary_store_id"] == "store_seattle"]
    assert len(seattle) == 120
    assert {customer["assigned_rep_id"] for customer in seattle} == {ben.user_id}


def test_nobody_bought_before_opening_an_account(tables):
    for order in tables["orders"].values():
        customer = tables["customers"][order["customer_id"]]
        assert customer["created_at"] <= order["order_date"]


def test_stores_sell_what_they_stock(tables):
    stocked = {(row["store_id"], row["product_id"]) for row in tables["inventory"].values()}
    sold = {(item["store_id"], item["product_id"]) for item in tables["order_items"].values()}
    assert sold <= stocked


def test_paint_stands_together(tables):
    aisles = {
        int(row["location"]["aisle"])
        for row in tables["inventory"].values()
        if row["store_id"] == "store_seattle"
        and tables["products"][row["product_id"]]["category_id"] == "cat_paint"
    }
    assert max(aisles) - min(aisles) + 1 == len(aisles) <= 3


def test_a_place_in_a_store_holds_one_product(tables):
    labels = Counter(row["label_code"] for row in tables["inventory"].values())
    assert max(labels.values()) == 1


def test_some_shelves_are_low_and_some_are_empty(tables):
    rows = [row for row in tables["inventory"].values() if row["store_id"] == "store_seattle"]
    empty = sum(row["stock_level"] == 0 for row in rows)
    low = sum(0 < row["stock_level"] <= row["reorder_threshold"] for row in rows)
    assert 2 <= empty <= 30
    assert 20 <= low <= 80


def test_business_grows_and_the_last_days_wait_to_be_picked(tables):
    years = Counter(order["order_date"][:4] for order in tables["orders"].values())
    assert set(years) == {str(year) for year in range(2020, 2027)}
    assert years["2025"] > years["2020"]
    pending = [o for o in tables["orders"].values() if o["status"] == "pending"]
    assert pending
    assert min(order["order_date"] for order in pending) >= "2026-11-17T18:00:00Z"


def test_an_order_comes_with_its_items(demo):
    orders = [doc for name, doc in demo if name == "orders"]
    owners = [doc["order_id"] for name, doc in demo if name == "order_items"]
    assert list(dict.fromkeys(owners)) == [order["_id"] for order in orders]
    assert [order["order_date"] for order in orders] == sorted(o["order_date"] for o in orders)


def test_codes_count_the_orders_of_a_device(tables):
    numbers = defaultdict(list)
    for order in tables["orders"].values():
        device, _, number = order["order_code"].rpartition("-")
        numbers[device].append(int(number))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_shelves_know_of_the_last_sales(tables):
    touched = {
        (r["store_id"], r["product_id"]): r["last_updated"] for r in tables["inventory"].values()
    }
    recent = [
        item
        for item in tables["order_items"].values()
        if item["created_at"] > "2026-11-06T18:00:00Z"
        and tables["orders"][item["order_id"]]["status"] != "cancelled"
    ]
    assert len(recent) > 200
    for item in recent:
        assert touched[item["store_id"], item["product_id"]] >= item["created_at"]


def test_a_drill_sells_with_bits(tables):
    names = defaultdict(list)
    for item in tables["order_items"].values():
        names[item["order_id"]].append(item["product_name"])
    drills = [n for n in names.values() if any("Drill Driver" in name for name in n)]
    with_bits = sum(any("Bit Set" in name for name in n) for n in drills)
    everywhere = sum(any("Bit Set" in name for name in n) for n in names.values())
    assert with_bits / len(drills) > 3 * everywhere / len(names)


def test_seattle_and_online_lead(tables):
    stores = Counter(order["store_id"] for order in tables["orders"].values())
    assert {name for name, _ in stores.most_common(2)} == {"store_seattle", "store_online"}


def test_shops_are_closed_on_christmas_day(tables):
    for order in tables["orders"].values():
        if order["order_date"][5:13] == "12-25T20":
            assert order["store_id"] == "store_online"


def test_spring_paints(tables):
    months = Counter(
        item["created_at"][5:7]
        for item in tables["order_items"].values()
        if tables["products"][item["product_id"]]["category_id"] == "cat_paint"
    )
    assert months["04"] > 2 * months["12"]


def test_seasons_peak_where_the_data_model_says(tables):
    seasons = {c["category_name"]: c["seasonal_multipliers"] for c in tables["categories"].values()}
    assert list(seasons) == [
        "Hand Tools",
        "Power Tools",
        "Paint & Finishes",
        "Hardware",
        "Lumber & Building Materials",
        "Electrical",
        "Plumbing",
        "Garden & Outdoor",
        "Storage & Organization",
    ]
    assert (seasons["Power Tools"]["jun"], seasons["Power Tools"]["jul"]) == (2.0, 2.1)
    assert max(seasons["Paint & Finishes"].values()) == seasons["Paint & Finishes"]["apr"] == 2.2
    lumber = seasons["Lumber & Building Materials"]
    assert (lumber["jun"], lumber["jul"]) == (2.1, 2.2)
    assert seasons["Garden & Outdoor"]["jan"] == seasons["Garden & Outdoor"]["dec"] == 0.5


def test_catalogue_texts_are_filled_in(tables):
    for product in tables["products"].values():
        text = json.dumps(product)
        assert text.count("{") == 2, product["sku"]
        assert "None" not in text
        assert "  " not in product["product_name"] + product["product_description"]
        assert len(product["product_description"]) > 30


def test_progress_is_told_for_every_collection():
    told = []
    made = Counter(
        name for name, _ in generate(SMALL, as_of=AS_OF, progress=lambda *step: told.append(step))
    )
    last = {collection: (done, total) for collection, done, total in told}
    assert last == {name: (count, count) for name, count in made.items()}


@pytest.mark.parametrize(
    ("preset", "as_of", "code"),
    [
        ("huge", AS_OF, "preset_unknown"),
        ("demo", "2020-06-01T00:00:00Z", "as_of_too_early"),
        ("demo", "soon", "instant_invalid"),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(preset, as_of, code):
    with pytest.raises(DomainError) as refused:
        generate(preset, as_of=as_of)
    assert refused.value.code == code
