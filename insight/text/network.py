"""Which words are said together: pairs, how strongly they go together, and the groups they form."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.text.vectors import Floats, count_matrix

if TYPE_CHECKING:
    import networkx as nx
    from scipy import sparse

Measure = Literal["jaccard", "npmi", "pmi"]
LEAST_DRAWN = 3  # words of a connected part that is worth a place on the map
_WIDER = 1.6  # how much wider than tall the map is
_INSIDE = np.array([0.78, 0.66])  # of its box that a part fills: below it there is room for a name
MOST_WORDS = 2_000  # those of most people; the pairs of more would not fit into memory
EDGES = {
    "word": pl.String, "other_word": pl.String, "n_people": pl.Int64, "n_together": pl.Int64,
    "jaccard": pl.Float64, "pmi": pl.Float64, "npmi": pl.Float64,
}  # fmt: skip
NODES = {
    "word": pl.String, "n_people": pl.Int64, "n_units": pl.Int64, "n_edges": pl.Int64,
    "community": pl.Int64, "across": pl.Float64, "up": pl.Float64,
}  # fmt: skip


def together(
    words: Sequence[Collection[str]],
    people: Sequence[str],
    *,
    measure: Measure = "jaccard",
    least: int = 3,
    most: int = 60,
) -> pl.DataFrame:
    """The pairs of words that go together most.

    Parameters
    ----------
    words : (n_units) the words of each sentence, or of each comment
    people : (n_units) who says it
    least : people who must say a word, and people who must say both words of a pair in one unit:
        one talkative person makes no pair
    most : pairs

    Returns
    -------
    (<= most) word < other_word in code order, n_people [say both in one unit], n_together [units
        with both], jaccard [0..1: units with both / units with either], pmi [bits], npmi [-1..1];
        by ``measure``, the strongest first, and only pairs that meet more often than by chance

    Notes
    -----
    Church & Hanks (1990), Computational Linguistics 16: pmi = log2(N·n_ab / (n_a·n_b)); Bouma
    (2009), *Normalized (pointwise) mutual information*: npmi = pmi / -log2(n_ab / N).
    """
    known, person = np.unique(np.asarray(people, dtype=object).astype(str), return_inverse=True)
    vocabulary = _of_most_people(words, people, least=least)
    if not vocabulary or not len(known):
        return pl.DataFrame(schema=EDGES)
    present = count_matrix([sorted(set(unit)) for unit in words], vocabulary)
    first, second, both = _pairs(present, least=least)
    each = np.bincount(present.indices, minlength=len(vocabulary)).astype(np.float64)
    found = _measured(both, each[first], each[second], n_units=len(words))
    ranked = np.lexsort((second, first, -both, -found[measure].round(12)))
    rows = []
    for at, n in _solid(ranked[found["pmi"][ranked] > 0], (first, second), present, person):
        if n >= least:
            pair = vocabulary[first[at]], vocabulary[second[at]]
            rows.append((*pair, n, int(both[at]), *(float(found[m][at]) for m in found)))
        if len(rows) == most:
            break
    return pl.DataFrame(rows, schema=EDGES, orient="row")


def _of_most_people(
    words: Sequence[Collection[str]], people: Sequence[str], *, least: int
) -> list[str]:
    """The words of at least ``least`` people, in code order."""
    said = pl.DataFrame(
        {"person": people, "word": [sorted(set(unit)) for unit in words]},
        schema={"person": pl.String, "word": pl.List(pl.String)},
    )
    counted = said.explode("word").drop_nulls().unique().group_by("word").len("n")
    frequent = counted.filter(pl.col("n") >= least)
    ranked = frequent.sort(["n", "word"], descending=[True, False]).head(MOST_WORDS)
    return sorted(ranked["word"].to_list())


_Ints = NDArray[np.int64]


def _pairs(present: sparse.csr_array, *, least: int) -> tuple[_Ints, _Ints, Floats]:
    """Columns that meet in at least ``least`` rows: first < second, how many rows."""
    from scipy import sparse

    met = sparse.triu(present.T @ present, k=1).tocoo()
    kept = met.data >= least
    return met.row[kept].astype(np.int64), met.col[kept].astype(np.int64), met.data[kept]


def _measured(both: Floats, a: Floats, b: Floats, *, n_units: int) -> dict[str, Floats]:
    pmi = np.log2(n_units * both / (a * b))
    rarity = -np.log2(both / n_units)
    npmi = np.divide(pmi, rarity, out=np.ones_like(pmi), where=rarity > 0)
    return {"jaccard": both / (a + b - both), "pmi": pmi, "npmi": npmi}


def _solid(
    ranked: _Ints, pairs: tuple[_Ints, _Ints], present: sparse.csr_array, person: _Ints
) -> Iterator[tuple[int, int]]:
    """Each pair in turn, with the number of people who say both words in one unit."""
    columns = present.tocsc()
    columns.sort_indices()
    units = [columns.indices[a:b] for a, b in zip(columns.indptr, columns.indptr[1:], strict=False)]
    for at in ranked.tolist():
        a, b = units[pairs[0][at]], units[pairs[1][at]]
        shared = np.intersect1d(a, b, assume_unique=True)
        yield at, len(np.unique(person[shared]))


def placed(edges: pl.DataFrame, *, measure: Measure, seed: int = 0) -> pl.DataFrame:
    """The words of some pairs in groups, each with a place on a map.

    Parameters
    ----------
    edges : columns of EDGES
    measure : the weight of a pair

    Returns
    -------
    (n_words) word, n_edges, community [1.., the largest first], across and up [-1..1; null: one of a
        pair that hangs together with nothing else, while others do]; by community, then by how many
        edges a word has; neither the order of the rows nor the run changes it

    Notes
    -----
    Communities of Louvain (Blondel et al. 2008, J Stat Mech P10008), places of Fruchterman &
    Reingold (1991) for each connected part, the parts packed beside one another.
    """
    words = sorted({*edges["word"], *edges["other_word"]})
    graph = _graph(edges, words, measure=measure)
    groups = _communities(graph, words, seed=seed)
    places = _places(graph, seed=seed)
    rows = [
        (word, graph.degree(at), groups[at], *np.round(places[at], 4).tolist())
        if at in places
        else (word, graph.degree(at), groups[at], None, None)
        for at, word in enumerate(words)
    ]
    schema = {name: NODES[name] for name in ("word", "n_edges", "community", "across", "up")}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    return found.sort(["community", "n_edges", "word"], descending=[False, True, False])


def _graph(edges: pl.DataFrame, words: Sequence[str], *, measure: Measure) -> nx.Graph:
    """Numbers for words: sets of texts would be walked in another order in every run."""
    import networkx as nx

    at = {word: i for i, word in enumerate(words)}
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(range(len(words)))
    listed = edges.sort("word", "other_word").select("word", "other_word", measure)
    graph.add_weighted_edges_from((at[a], at[b], weight) for a, b, weight in listed.iter_rows())
    return graph


def _communities(graph: nx.Graph, words: Sequence[str], *, seed: int) -> dict[int, int]:
    """Word number -> community, the largest is 1."""
    import networkx as nx

    found = nx.community.louvain_communities(graph, seed=seed)
    ranked = sorted(found, key=lambda group: (-len(group), min(words[at] for at in group)))
    return {at: number for number, group in enumerate(ranked, 1) for at in group}


def _places(graph: nx.Graph, *, seed: int) -> dict[int, Floats]:
    """Each connected part laid out in a box of its own, the boxes in rows from the top down."""
    import networkx as nx

    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    large = [part for part in parts if len(part) >= LEAST_DRAWN] or parts
    found: dict[int, Floats] = {}
    for part, (centre, reach) in zip(large, _packed([len(part) for part in large]), strict=True):
        whole = graph.subgraph(sorted(part))
        spots = nx.spring_layout(whole, seed=seed, iterations=300, k=1.6 / np.sqrt(len(part)))
        flat = np.array(list(spots.values()))
        low, high = flat.min(axis=0), flat.max(axis=0)
        spread = np.maximum(high - low, 1e-9)
        found |= {at: centre + reach * (2 * (spot - low) / spread - 1) for at, spot in spots.items()}  # fmt: skip
    return found


def _packed(sizes: Sequence[int]) -> list[tuple[Floats, Floats]]:
    """Centre and half size of each part's box on the map of [-1, 1]; its area grows with its words."""
    sides = np.sqrt(np.array(sizes, dtype=float)) + 0.5
    width = max(_WIDER * sides.max(), 1.05 * _WIDER * float(np.sqrt((sides**2).sum())))
    rows: list[list[float]] = [[]]
    for side in sides.tolist():
        if rows[-1] and _WIDER * (sum(rows[-1]) + side) > width:
            rows.append([])
        rows[-1].append(side)
    height, top, boxes = sum(max(row) for row in rows), 0.0, []
    for row in rows:
        left = 0.0
        for side in row:
            middle = np.array([left + side / 2, top + max(row) / 2]) / [sum(row), height]
            half = np.array([side / sum(row), max(row) / height])
            boxes.append(((2 * middle - 1) * [1, -1], _INSIDE * half))
            left += side
        top += max(row)
    return boxes
