"""`zava data embed`: the vectors of the catalogue, computed anew."""

from __future__ import annotations

import os
from pathlib import Path

from app.cli import output
from app.domain.times import instant
from datagen import catalogue, minilm, services
from datagen.embeddings import DESCRIPTIONS, IMAGES, Model, described, write_pack
from datagen.randomness import source
from datagen.recipe import AS_OF


def embed(folder: Path | None, *, as_json: bool) -> None:
    """Write the packs that `generate` reads: with the services of the environment, else here."""
    products = catalogue.expand(source(0, "catalogue"), instant(AS_OF)).products
    azure, clip = services.azure(os.environ), services.clip(os.environ)
    model: Model = azure or minilm.MiniLM()
    name = azure.name if azure else minilm.MODEL
    texts = (folder / DESCRIPTIONS.name) if folder else DESCRIPTIONS
    write_pack(texts, products, name, model.embed([described(each) for each in products]))
    written = {str(texts): name}
    if clip is not None:
        images = (folder / IMAGES.name) if folder else IMAGES
        vectors = clip.embed([services.pictured(each["image_url"]) for each in products])
        write_pack(images, products, clip.name, vectors)
        written[str(images)] = clip.name
    if as_json:
        output.say_json(products=len(products), packs=written)
        return
    for path, made_by in written.items():
        output.say(
            "[bold]{n}[/] vectors by {by} in {path}.", n=len(products), by=made_by, path=path
        )
