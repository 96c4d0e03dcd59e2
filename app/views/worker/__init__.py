"""The store worker's screens: find a product, see where it stands, count, adjust and move it."""

from __future__ import annotations

from app.views.screens import Screen
from app.views.worker.find import FindScreen
from app.views.worker.low_stock import LowStockScreen
from app.views.worker.product import ProductScreen

SCREENS: tuple[Screen, ...] = (
    Screen("/find", FindScreen, "/find"),
    Screen("/low-stock", LowStockScreen, "/low-stock"),
    Screen("/product/:id", ProductScreen, "/find"),
)
