"""The collections of a data set: the synced ones, and the one that stays in MongoDB."""

from __future__ import annotations

from app.domain.collections import PRODUCTS, SYNCED

PRODUCT_EMBEDDINGS = "product_embeddings"
"""Vectors of the products for searches by meaning; too large for a phone, so never synced."""

_AFTER_PRODUCTS = SYNCED.index(PRODUCTS) + 1

WRITTEN = [*SYNCED[:_AFTER_PRODUCTS], PRODUCT_EMBEDDINGS, *SYNCED[_AFTER_PRODUCTS:]]
"""Every collection of a data set, in dependency order."""
