"""Words that go together: measures worked out by hand, people as support, the same picture in every run."""

from __future__ import annotations

import re
import subprocess
import sys
from math import log2

import networkx as nx
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from insight import charts, pipeline
from insight.analyses.text import network as page
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import NothingToTell
from insight.text.network import placed, together

# 10 sentences: 物流 in 4, 慢 in 5, both in 3; 包装 in 4, 精美 in 3, both in 2
SAID = [
    ["物流", "慢"], ["物流", "慢"], ["物流", "慢"], ["物流"], ["慢"], ["慢", "包装"], ["包装", "精美"],
    ["包装", "精美"], ["包装"], ["精美"],
]  # fmt: skip
PEOPLE = [f"p{i}" for i in range(10)]


def pair(table, *words):
    return table.row(by_predicate=pl.concat_list("word", "other_word") == sorted(words), named=True)


def test_the_measures_are_those_worked_out_by_hand():
    table = together(SAID, PEOPLE, least=2)
    row = pair(table, "物流", "慢")
    assert (row["n_people"], row["n_together"]) == (3, 3)
    assert row["jaccard"] == pytest.approx(3 / 6)
    assert row["pmi"] == pytest.approx(log2(10 * 3 / (4 * 5)))
    assert row["npmi"] == pytest.approx(log2(10 * 3 / (4 * 5)) / -log2(0.3))
    assert pair(table, "包装", "精美")["jaccard"] == pytest.approx(2 / 5)


def test_words_that_are_always_together_have_the_highest_npmi():
    table = together([["一", "二"], ["一", "二"], ["三"]], ["a", "b", "c"], least=2)
    assert table.row(0, named=True)["npmi"] == pytest.approx(1)


def test_pairs_that_meet_no_more_than_by_chance_are_left_out():
    words = [["常", "词"], ["常", "词"], ["常"], ["常"]]  # 常 is everywhere: it goes with nothing
    assert together(words, list("abcd"), least=2).is_empty()


def test_one_talkative_person_makes_no_pair():
    words = [["物流", "慢"]] * 9 + [["包装", "精美"]] * 3 + [["快"]] * 5
    people = ["a"] * 9 + ["b", "c", "d"] + ["e"] * 5
    table = together(words, people, least=2)
    assert table.select("word", "other_word").rows() == [("包装", "精美")]
    assert table["n_people"].to_list() == [3]


def test_a_word_said_twice_in_a_sentence_counts_once():
    once = together(SAID, PEOPLE, least=2)
    assert_frame_equal(together([unit * 2 for unit in SAID], PEOPLE, least=2), once)


def test_the_strongest_pairs_come_first_and_no_more_than_asked():
    for measure in ("jaccard", "npmi", "pmi"):
        values = together(SAID, PEOPLE, least=2, measure=measure)[measure].to_list()
        assert values == sorted(values, reverse=True)
    assert together(SAID, PEOPLE, least=2, most=1).height == 1


@pytest.mark.parametrize("said", [[], [[]], [["一"]], [["一"], ["一"]]])
def test_too_few_words_make_no_pairs(said):
    assert together(said, [str(i) for i in range(len(said))], least=2).is_empty()


def edges_of(*pairs):
    return pl.DataFrame(
        [(*sorted(pair), 5, 5, 0.5, 1.0, 0.5) for pair in pairs], orient="row",
        schema=["word", "other_word", "n_people", "n_together", "jaccard", "pmi", "npmi"],
    )  # fmt: skip


CLIQUES = [
    *((a, b) for a in "甲乙丙丁" for b in "甲乙丙丁" if a < b),
    *((a, b) for a in "一二三" for b in "一二三" if a < b),
    ("甲", "一"),
]


def test_groups_are_the_communities_of_the_network():
    nodes = placed(edges_of(*CLIQUES), measure="jaccard")
    groups = nodes.group_by("community").agg(pl.col("word").sort()).sort("community")
    assert [set(words) for words in groups["word"]] == [set("甲乙丙丁"), set("一二三")]
    graph = nx.Graph(CLIQUES)
    assert nodes["n_edges"].to_list() == [graph.degree(word) for word in nodes["word"]]


def test_every_word_has_a_place_of_its_own_on_the_map():
    nodes = placed(edges_of(*CLIQUES, ("子", "丑"), ("子", "寅")), measure="jaccard")
    spots = nodes.select("across", "up")
    assert spots.unique().height == nodes.height
    assert spots.select(pl.all().is_between(-1, 1).all()).row(0) == (True, True)


def test_pairs_that_hang_together_with_nothing_are_not_drawn_unless_all_do():
    nodes = placed(edges_of(("甲", "乙"), ("乙", "丙"), ("子", "丑")), measure="jaccard")
    assert set(nodes.filter(pl.col("across").is_null())["word"]) == {"子", "丑"}
    alone = placed(edges_of(("子", "丑")), measure="jaccard")
    assert alone["across"].null_count() == 0


def test_the_order_of_pairs_and_sentences_changes_nothing():
    table = together(SAID, PEOPLE, least=2)
    turned = together(SAID[::-1], PEOPLE[::-1], least=2)
    assert_frame_equal(turned, table)
    assert_frame_equal(placed(table[::-1], measure="npmi"), placed(table, measure="npmi"))


def test_another_process_draws_the_same_picture():
    """Sets of texts are walked in another order in every process; nothing may depend on it."""
    code = (
        "import tests.test_word_network as t; from insight.text.network import placed;"
        "print(placed(t.edges_of(*t.CLIQUES), measure='jaccard').rows())"
    )
    env = {"PYTHONHASHSEED": "12345", "PYTHONPATH": ".:tests", "PYTHONUTF8": "1"}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert told.stdout.decode().strip() == str(placed(edges_of(*CLIQUES), measure="jaccard").rows())


def study():
    texts = [
        "物流很慢。包装精美",
        "物流太慢了，包装精美",
        "物流慢。味道浓郁",
        "包装精美。味道浓郁",
        "味道浓郁",
    ]
    rows = [(f"t{i}", text, f"c{i}", "participant") for i, text in enumerate(texts)]
    rows.append(("x", "物流慢吗？味道怎么样，浓郁吗", "c9", "interviewer"))
    return Dataset(
        texts=pl.DataFrame(rows, schema=["text_id", "text", "customer_id", "role"], orient="row")
    )


def run(dataset, **params):
    return answer(page.ANALYSIS, dataset, page.Params(min_people=2, **params))


def test_a_sentence_is_a_smaller_unit_than_a_comment():
    whole = run(study(), unit="comment").tables["edges"]
    assert pair(whole, "物流", "包装")["n_people"] == 2  # t0 in two sentences, t1 in one
    parts = run(study(), unit="sentence").tables["edges"]
    together_in_one = parts.filter(pl.concat_list("word", "other_word") == ["包装", "物流"])
    assert together_in_one.is_empty()  # one person only


def test_findings_tell_people_and_strength_and_interviewers_are_left_out():
    result = run(study())
    row = result.tables["edges"].row(0, named=True)
    assert row["base"] == 5
    assert f"{row['n_people']} 人这样说过" in result.findings[0].text


def test_nobody_says_two_words_together():
    dataset = Dataset(texts=pl.DataFrame({"text_id": ["a", "b"], "text": ["物流", "包装"]}))
    with pytest.raises(NothingToTell, match="没有两个词被至少 2 人"):
        run(dataset)


def test_no_word_is_hidden_by_its_point_however_large():
    nodes = pl.DataFrame({
        "word": ["大词", "小词"], "spot_x": [-0.5, 0.5], "spot_y": [0.2, -0.4], "group": ["甲", "乙"], "n_people": [60, 3],
    })  # fmt: skip
    line = pl.DataFrame({"spot_x": [-0.5], "spot_y": [0.2], "other_x": [0.5], "other_y": [-0.4], "jaccard": [0.4]})  # fmt: skip
    drawn = charts.to_svg(charts.network(nodes, line, size="n_people", strength="jaccard"))
    points = re.findall(r'transform="translate\(([\d.]+),([\d.]+)\)" d="M([\d.]+),0A\3', drawn)
    words = {x: float(y) for x, y in re.findall(r'transform="translate\(([\d.]+),([\d.]+)\)"[^>]*>[大小]词<', drawn)}  # fmt: skip
    below = {round(float(r), 1): words[x] - float(y) - float(r) for x, y, r in points if x in words}
    assert len(below) == 2
    assert max(below) > 2 * min(below)
    assert all(9 < room < 14 for room in below.values())  # a gap, and a line of 12 px to its base


def test_a_point_opens_the_people_who_say_the_word(demo_study):
    result = pipeline.run(demo_study, "network")
    spec = charts.pickable(result.charts["nodes"])
    marks = next(layer for layer in spec["layer"] if layer.get("name") == "marks")
    rows = spec["datasets"][marks["data"]["name"]]
    node = result.tables["nodes"].row(rows[0]["at"], named=True)
    assert rows[0]["word"] == node["word"]
    people = pipeline.people(demo_study, "network", {"word": node["word"]}, table="nodes")  # fmt: skip
    assert people.n == node["n_people"]


def test_a_pair_opens_the_texts_that_say_both_words(demo_study):
    result = pipeline.run(demo_study, "network")
    edge = result.tables["edges"].row(0, named=True)
    named = {name: edge[name] for name in ("word", "other_word")}
    people = pipeline.people(demo_study, "network", named, table="edges")
    assert people.n == edge["n_people"]
    assert people.quotes["quote"].str.contains(edge["word"]).all()
