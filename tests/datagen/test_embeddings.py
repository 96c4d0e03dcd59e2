from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import pytest

from app.domain.errors import DomainError
from datagen import catalogue, embeddings, minilm, services
from datagen.embeddings import described, read_pack, write_pack
from tests.helpers.http_answers import answering

PRODUCTS = catalogue.expand(random.Random(1), datetime(2026, 11, 20, tzinfo=UTC)).products


def near(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_the_committed_vectors_are_those_of_the_catalogue():
    pack = read_pack(embeddings.DESCRIPTIONS, PRODUCTS)
    assert (pack.model, pack.dimensions) == ("all-MiniLM-L6-v2", 384)
    assert set(pack.vectors) == {product["_id"] for product in PRODUCTS}
    assert embeddings.DESCRIPTIONS.stat().st_size < 200_000


def test_what_is_alike_is_near():
    vectors = read_pack(embeddings.DESCRIPTIONS, PRODUCTS).vectors
    names = {product["_id"]: product["product_name"] for product in PRODUCTS}
    hose = next(i for i, name in names.items() if name.startswith("Garden Hose"))
    ranked = sorted(vectors, key=lambda i: near(vectors[hose], vectors[i]), reverse=True)
    assert sum("Hose" in names[i] for i in ranked[:4]) >= 3


def test_a_pack_of_another_catalogue_is_refused():
    other = [{**PRODUCTS[0], "product_name": "Renamed"}, *PRODUCTS[1:]]
    with pytest.raises(DomainError) as refused:
        read_pack(embeddings.DESCRIPTIONS, other)
    assert refused.value.code == "embeddings_stale"


def test_bytes_keep_the_direction_of_a_vector(tmp_path):
    rng = random.Random(5)
    vectors = [[rng.gauss(0, 1) for _ in range(64)] for _ in PRODUCTS]
    write_pack(tmp_path / "p", PRODUCTS, "m", vectors)
    pack = read_pack(tmp_path / "p", PRODUCTS)
    for product, vector in zip(PRODUCTS, vectors, strict=True):
        length = near(vector, vector) ** 0.5
        assert near(pack.vectors[product["_id"]], vector) / length > 0.999


def test_vectors_that_are_missing_are_not_made_up(tmp_path):
    with pytest.raises(DomainError) as refused:
        write_pack(tmp_path / "p", PRODUCTS, "m", [[1.0]])
    assert refused.value.code == "embeddings_invalid"


def test_without_the_weights_the_remedy_is_told(monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(DomainError) as refused:
        minilm.MiniLM()
    assert refused.value.code == "model_missing"
    assert "--no-deps" in refused.value.remedy


def test_the_model_says_what_its_makers_publish():
    try:
        model = minilm.MiniLM()
    except DomainError:
        pytest.skip("the weights are not installed: see docs/data.md")
    [vector] = model.embed(["This is an example sentence"])
    assert [round(number, 4) for number in vector[:5]] == [0.0677, 0.0635, 0.0487, 0.0793, 0.0374]


def test_azure_is_asked_in_batches_and_in_its_form(monkeypatch):
    monkeypatch.setattr(services, "BATCH_TEXTS_MAX", 2)

    def vectors(request):
        texts = request["json"]["input"]
        data = [{"index": i, "embedding": [float(len(t))] * 1_536} for i, t in enumerate(texts)]
        return 200, {"data": data[::-1]}

    with answering(vectors) as server:
        settings = {"AZURE_OPENAI_ENDPOINT": server.url, "AZURE_OPENAI_API_KEY": "secret"}
        service = services.azure(settings)
        found = service.embed(["a", "bb", "ccc"])
    assert [vector[0] for vector in found] == [1.0, 2.0, 3.0]
    assert [len(request["json"]["input"]) for request in server.requests] == [2, 1]
    assert server.requests[0]["path"] == (
        "/openai/deployments/text-embedding-3-small/embeddings?api-version=2024-10-21"
    )
    assert server.requests[0]["headers"]["api-key"] == "secret"


def test_clip_is_shown_the_pictures():
    def vectors(request):
        return 200, {"data": [{"index": 0, "embedding": [0.5] * 512}]}

    with answering(vectors) as server:
        service = services.clip({"CLIP_ENDPOINT": f"{server.url}/embed"})
        [vector] = service.embed([services.pictured(PRODUCTS[0]["image_url"])])
    assert len(vector) == 512
    assert server.requests[0]["json"]["input"][0].startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize("answer", [(401, {}), (200, {}), (200, {"data": []}), (500, {})])
def test_a_service_that_refuses_is_named_without_its_key(answer):
    with answering(lambda _: answer) as server:
        service = services.azure(
            {"AZURE_OPENAI_ENDPOINT": server.url, "AZURE_OPENAI_API_KEY": "secret"}
        )
        with pytest.raises(DomainError) as refused:
            service.embed(["a"])
    assert refused.value.code == "embeddings_refused"
    assert "secret" not in json.dumps([refused.value.message, refused.value.remedy])


def test_no_settings_ask_nobody():
    assert services.azure({}) is None
    assert services.clip({}) is None


def test_a_product_is_embedded_by_its_name_and_description():
    assert described(PRODUCTS[0]).startswith(PRODUCTS[0]["product_name"])
