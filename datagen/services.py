"""Vectors from services on the network, behind the same door as the model on this machine.

Azure OpenAI reads texts (`text-embedding-3-small`, 1,536 numbers); any CLIP endpoint that answers
in the same form reads pictures (512). Both come from settings; without them nothing is asked.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.domain.errors import DomainError

BATCH_TEXTS_MAX = 64
TIMEOUT_SECONDS = 60.0
AZURE_API_VERSION = "2024-10-21"
ASSETS = Path(__file__).resolve().parent.parent / "assets"


@dataclass(frozen=True, slots=True)
class Service:
    """An endpoint that takes `{"input": […]}` and answers `{"data": [{"index", "embedding"}]}`."""

    name: str
    url: str
    headers: Mapping[str, str]
    parameters: Mapping[str, str]

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector each, in order. Raises `DomainError` (embeddings_refused)."""
        found: list[list[float]] = []
        with httpx.Client(headers=dict(self.headers), timeout=TIMEOUT_SECONDS) as client:
            for start in range(0, len(texts), BATCH_TEXTS_MAX):
                found += self._ask(client, texts[start : start + BATCH_TEXTS_MAX])
        return found

    def _ask(self, client: httpx.Client, texts: Sequence[str]) -> list[list[float]]:
        try:
            answer = client.post(self.url, params=self.parameters, json={"input": list(texts)})
            answer.raise_for_status()
            entries: list[dict[str, Any]] = answer.json()["data"]
            ordered = sorted(entries, key=lambda entry: entry["index"])
            vectors = [[float(number) for number in entry["embedding"]] for entry in ordered]
        except httpx.HTTPStatusError as error:
            raise self._refused(f"HTTP {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise self._refused(str(error) or type(error).__name__) from error
        except (KeyError, TypeError, ValueError) as error:
            raise self._refused("the answer has another form") from error
        if len(vectors) != len(texts):
            raise self._refused(f"{len(vectors)} vectors for {len(texts)} texts")
        return vectors

    def _refused(self, why: str) -> DomainError:
        return DomainError(
            "embeddings_refused",
            f"{self.name} gives no vectors: {why}.",
            "Check the endpoint and the key in the environment.",
        )


def azure(settings: Mapping[str, str]) -> Service | None:
    """Azure OpenAI, if the settings name an endpoint and a key."""
    endpoint, key = settings.get("AZURE_OPENAI_ENDPOINT"), settings.get("AZURE_OPENAI_API_KEY")
    if not endpoint or not key:
        return None
    model = settings.get("AZURE_OPENAI_DEPLOYMENT") or "text-embedding-3-small"
    url = f"{endpoint.rstrip('/')}/openai/deployments/{model}/embeddings"
    return Service(model, url, {"api-key": key}, {"api-version": AZURE_API_VERSION})


def clip(settings: Mapping[str, str]) -> Service | None:
    """A CLIP service, if the settings name one."""
    endpoint = settings.get("CLIP_ENDPOINT")
    key = settings.get("CLIP_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return Service("clip-vit-base-patch32", endpoint, headers, {}) if endpoint else None


def pictured(image_url: str) -> str:
    """A picture as a CLIP service is given it."""
    text = base64.b64encode((ASSETS / image_url).read_bytes()).decode()
    return f"data:image/svg+xml;base64,{text}"
