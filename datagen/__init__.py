"""Retail data of the Zava chain, made from a seed: the same seed and date give the same bytes.

from datagen.generate import generate
for collection, document in generate("demo", seed=7, as_of="2026-11-20T18:00:00Z"): ...
"""
