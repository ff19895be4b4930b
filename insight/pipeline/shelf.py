"""What analyses worked out of the texts of a study and ask for again: its words and its topics, kept in its store."""

from __future__ import annotations

import json

from insight import study as store
from insight.dataset import Shelf
from insight.pipeline.kept import Manifest, code, manifest_of
from insight.study import Study


def shelf_of(study: Study) -> Shelf:
    """The shelf of a study: parts under the digest of their inputs and of the code that made them.

    Who forgets a person empties it with everything else that was worked out (``store.erase``).
    """

    def manifest(kind: str, inputs: str) -> Manifest:
        name = store.digest("shelf", code(), kind, inputs)
        return manifest_of(study, name, parts=lambda m: m["parts"]) or {"parts": []}

    def found(kind: str, inputs: str) -> tuple[bytes, ...]:
        return tuple(store.get(study, part) for part in manifest(kind, inputs)["parts"])

    def add(kind: str, inputs: str, data: bytes) -> None:
        parts = [*manifest(kind, inputs)["parts"], store.put(study, data)]
        name = store.digest("shelf", code(), kind, inputs)
        store.remember(study, name, json.dumps({"parts": parts}).encode(), kind=f"shelf:{kind}")

    return Shelf(found, add)
