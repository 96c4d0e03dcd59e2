"""The sales rep's screens."""

from __future__ import annotations

from app.views.sales.catalogue import CatalogueScreen
from app.views.sales.customer import CustomerScreen
from app.views.sales.customers import CustomersScreen
from app.views.sales.new_customer import NewCustomerScreen
from app.views.sales.order import OrderScreen
from app.views.sales.orders import OrdersScreen
from app.views.sales.placed import PlacedScreen
from app.views.sales.review import ReviewScreen
from app.views.screens import Screen

SCREENS: tuple[Screen, ...] = (
    Screen("/customers", CustomersScreen, "/customers"),
    Screen("/customer/:id", CustomerScreen, "/customers"),
    Screen("/new-customer", NewCustomerScreen, "/customers"),
    Screen("/catalogue", CatalogueScreen, "/catalogue"),
    Screen("/review", ReviewScreen, "/catalogue"),
    Screen("/placed/:id", PlacedScreen, "/catalogue"),
    Screen("/orders", OrdersScreen, "/orders"),
    Screen("/order/:id", OrderScreen, "/orders"),
)
