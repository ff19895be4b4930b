"""What analyses worked out of the texts of a study and ask for again: its words and its topics, kept in its store."""

from __future__ import annotations

import json
from contextlib import nullcontext

from insight import access
from insight import study as store
from insight.dataset import Shelf
from insight.pipeline.kept import Manifest, code, manifest_of
from insight.study import Study


def shelf_of(study: Study, seen: str = "") -> Shelf:
    """The shelf of a study: parts under the digest of their inputs and of the code that made them.

    Who forgets a person empties it with everything else that was worked out (``store.erase``).

    Parameters
    ----------
    seen : what tells apart those who see some customers only, see ``seeing.seen``: each has a shelf of their own
    """
    own = access.at_the_door if seen else nullcontext

    def name_of(kind: str, inputs: str) -> str:
        return store.digest("shelf", code(), seen, kind, inputs)

    def manifest(kind: str, inputs: str) -> Manifest:
        with own():
            known = manifest_of(study, name_of(kind, inputs), parts=lambda m: m["parts"])
        return known or {"parts": []}

    def found(kind: str, inputs: str) -> tuple[bytes, ...]:
        parts = manifest(kind, inputs)["parts"]
        with own():
            return tuple(store.get(study, part) for part in parts)

    def add(kind: str, inputs: str, data: bytes) -> None:
        parts = [*manifest(kind, inputs)["parts"], store.put(study, data)]
        name = name_of(kind, inputs)
        store.remember(study, name, json.dumps({"parts": parts}).encode(), kind=f"shelf:{kind}")

    return Shelf(found, add)
