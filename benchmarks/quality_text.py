"""How right the text methods are: one table of what they reach and what they must reach, peers beside them.

Run ``python -m benchmarks.quality_text [PART ...]`` in the project's root; it needs the shared real data.
Parts: topics, sentiment, aspects, coding, keyness, duplicates; all of them where none is named. Seeds are
fixed, so each run prints the same figures; a figure below its floor is marked and the exit code is 1.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import f1_score, normalized_mutual_info_score

from benchmarks.topics import nmf
from insight.coding.features import Features, features, reader_of
from insight.coding.learning import CUT, by_model, likely
from insight.coding.matching import clauses_of, raised, trees_of
from insight.coding.pruning import pruned, word_precision
from insight.coding.rules import Rule
from insight.schema.codebook import Code, Codebook
from insight.schema.lexicon import Lexicon as Words
from insight.sentiment.measures import judged_about
from insight.sentiment.scoring import judged, lexicon
from insight.statements.grouping import whole_tagger
from insight.statements.pairs import pairs
from insight.text.copies import copies
from insight.text.keyness import keyness
from insight.text.normalize import normalise
from insight.text.plain import plain, plain_each
from insight.text.tokenize import content_words, tagger
from insight.text.topics import find_topics
from insight.text.vectors import sentence_vectors

DATA = Path(__file__).parents[2] / "shared" / "data"
SHOP, TAKEAWAY = "online_shopping_10_cats/online_shopping_10_cats.csv", "waimai_10k/waimai_10k.csv"
SETS = ("camera", "car", "notebook", "phone")
EACH, SHORT = 450, 20  # reviews of a category; characters
_LEVEL, _DRAWS = 0.05, 20


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what it must reach (``most``: must not pass), and the peer of the same run."""

    what: str
    value: float
    floor: float
    peer: str = ""
    most: bool = False

    @property
    def holds(self) -> bool:
        return self.value <= self.floor if self.most else self.value >= self.floor


def table(file: str) -> list[dict[str, str]]:
    """The rows of a csv file of the shared data."""
    with (DATA / file).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def reviews(each: int = EACH, *, most: int = 0, seed: int = 31) -> tuple[list[str], list[str]]:
    """As many reviews of each of ten categories, cut to ``most`` characters (0 = whole), with the category."""
    rows, rng = table(SHOP), random.Random(seed)
    kinds = sorted({row["cat"] for row in rows})
    picked = [row for kind in kinds for row in rng.sample([r for r in rows if r["cat"] == kind and r["review"]], each)]  # fmt: skip
    return [row["review"][: most or None] for row in picked], [row["cat"] for row in picked]


def topics(each: int = EACH) -> Iterator[Row]:
    """Topics against known classes, with and without sentence vectors, beside NMF on tf-idf; k = 10."""
    for told, most, floors in (("whole reviews", 0, (0.64, 0.61)), ("20 characters", SHORT, (0.46, 0.37))):  # fmt: skip
        texts, kinds = reviews(each, most=most)
        theirs = float(normalized_mutual_info_score(kinds, nmf(texts)))
        for encode, floor in zip((sentence_vectors, None), floors, strict=True):
            found = find_topics(texts, tag=tagger(), encode=encode, n_topics=10)
            ours = float(normalized_mutual_info_score(kinds, found.assignment))
            how = "with sentence vectors" if encode else "words only"
            yield Row(f"topics, {told}, {how}: NMI", ours, floor, f"NMF {theirs:.3f}")
            yield Row(f"topics, {told}, {how}: ahead of NMF", ours - theirs, 0.10)


def sentiment() -> Iterator[Row]:
    """Praise or blame of whole reviews that no word of the lexicon was chosen by; not decided = blame."""
    for told, file, step, floor in (("shop", SHOP, 9, 0.83), ("takeaway", TAKEAWAY, 3, 0.77)):
        rows = [row for at, row in enumerate(table(file)) if at % step == 1]
        said = plain_each(pl.Series([row["review"] for row in rows]))
        right = [(judged(text, lexicon()).score > 0) == (row["label"] == "1") for text, row in zip(said, rows, strict=True)]  # fmt: skip
        yield Row(f"sentiment, {told}: accuracy", float(np.mean(right)), floor)


def marked(kind: str) -> list[tuple[str, str, str]]:
    """Sentence, the noun that people marked in it, and their judgement, of the test part of a set."""
    lines = (DATA / f"absa_zh/{kind}.test.txt").read_text("utf-8-sig").splitlines()
    told = [[line.replace(" ", "") for line in lines[at : at + 3]] for at in range(0, len(lines) - 2, 3)]  # fmt: skip
    rows = [(plain(said.replace("$T$", noun)), plain(noun), mood.lower()) for said, noun, mood in told]  # fmt: skip
    return [row for row in rows if row[2] in ("positive", "negative")]


def aspects() -> Iterator[Row]:
    """The judgement of a noun in its sentence, and pairs of a noun and what judges it."""
    tag, using = whole_tagger(Words()), lexicon()
    for kind in SETS:
        rows = marked(kind)
        said = [judged_about(text, [noun], using) for text, noun, _ in rows]
        right = [one == mood for one, (_, _, mood) in zip(said, rows, strict=True) if one != "neutral"]  # fmt: skip
        yield Row(f"aspects, {kind}: right of those decided", float(np.mean(right)), 0.81, f"{len(right) / len(rows):.2f} decided")  # fmt: skip
        found = [[p for p in pairs(text, tag=tag, using=using) if p.aspect in noun or noun in p.aspect] for text, noun, _ in rows]  # fmt: skip
        mine = [(p[0].polarity, mood) for p, (_, _, mood) in zip(found, rows, strict=True) if p and p[0].polarity != "neutral"]  # fmt: skip
        yield Row(f"aspects, {kind}: pairs right of those decided", float(np.mean([a == b for a, b in mine])), 0.81, f"{np.mean([bool(p) for p in found]):.2f} found")  # fmt: skip


# Words that a researcher would list for the 18 aspects of the restaurant reviews, before any is coded.
RESTAURANT = {
    "location_traffic": "交通|地铁|公交|开车|打车|车站", "location_distance_from_business_district": "商圈|商场|附近|广场|离|步行街",
    "location_easy_to_find": "好找|难找|位置|找到|门口|显眼", "service_wait_time": "排队|等位|等了|排了|等号|叫号",
    "service_waiters_attitude": "服务员|服务|态度|热情|老板娘|老板", "service_parking_convenience": "停车|车位",
    "service_serving_speed": "上菜|上得|催|出菜|等菜", "price_level": "价格|贵|便宜|价位|人均|实惠|价钱",
    "price_cost_effective": "性价比|划算|值|超值", "price_discount": "团购|优惠|打折|折扣|券|活动|代金",
    "environment_decoration": "装修|环境|装饰|风格|布置|格调", "environment_noise": "吵|安静|嘈杂|喧闹|噪音",
    "environment_space": "宽敞|拥挤|空间|座位|地方小|店面|挤", "environment_cleaness": "干净|卫生|整洁|脏",
    "dish_portion": "分量|份量|量大|量少|量足|一大份", "dish_taste": "味道|好吃|口感|难吃|入味|鲜|香|口味",
    "dish_look": "新鲜|卖相|摆盘|颜值|精致|好看", "dish_recommendation": "推荐|必点|招牌|特色",
}  # fmt: skip
KINDS = {"camera": "相机|镜头|快门|像素|照片|拍摄|闪光灯|对焦|成像", "car": "车|发动机|油耗|座椅|悬挂|内饰|动力|底盘", "notebook": "笔记本|键盘|散热|接口|硬盘|显卡|触摸板|处理器", "phone": "手机|铃声|短信|通话|信号|待机|按键|蓝牙"}  # fmt: skip


def restaurants() -> tuple[list[str], np.ndarray]:
    """Restaurant reviews, and which of 18 aspects each speaks of (n x 18), in an order without a pattern."""
    rows = [row for part in ("train", "dev") for row in table(f"asap_sample/{part}_sample.csv")]
    random.Random(3).shuffle(rows)
    return [r["reviewbody"] for r in rows], np.array([[r[name] != "-2" for name in RESTAURANT] for r in rows])  # fmt: skip


def products(n: int = 600) -> tuple[list[str], np.ndarray]:
    """Short remarks, and which of four products each is about (n x 4)."""
    rows = []
    for kind in SETS:
        lines = (DATA / f"absa_zh/{kind}.train.txt").read_text("utf-8-sig").splitlines()
        rows += [(lines[at].replace(" ", "").replace("$T$", lines[at + 1].replace(" ", "")), kind) for at in range(0, len(lines) - 2, 3)]  # fmt: skip
    chosen = random.Random(1).sample(sorted(set(rows)), n)
    return [text for text, _ in chosen], np.array([[of == kind for kind in SETS] for _, of in chosen])  # fmt: skip


@cache
def _features(texts: tuple[str, ...]) -> Features:
    tag = tagger()
    return features(texts, reader_of(texts, tag=tag), tag=tag)


def learnt(texts: Sequence[str], truth: np.ndarray, book: dict[str, str], *, n_coded: int, turns: int) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """F1 of each need by the codebook alone and by what is learnt from coded answers, on the others; the mean of ``turns`` rotations."""
    rules = trees_of(Codebook(codes=tuple(Code(name=k[:30], key=k, rules=(w,)) for k, w in book.items())))  # fmt: skip
    clauses, keys = clauses_of(pl.Series(texts)), list(book)
    given, marks = _features(tuple(texts)), []

    def hit(trees: dict[str, Rule]) -> np.ndarray:
        return raised(clauses, trees, n_texts=len(texts)).select(keys).to_numpy()

    for turn in range(turns):
        order = np.roll(np.arange(len(texts)), turn * len(texts) // turns)
        coded, rest = order[:n_coded].tolist(), order[n_coded:]
        known = {at: frozenset(k for k, is_so in zip(keys, truth[at], strict=True) if is_so) for at in coded}  # fmt: skip
        kept = hit(pruned(rules, word_precision(clauses, rules, truth=known)))
        judge = by_model(kept, given, coded=coded, truth=truth[coded], seed=0).judge
        said = likely(judge, kept, given)[rest] >= CUT
        marks.append([f1_score(truth[rest], one, average=None, zero_division=0) for one in (hit(rules)[rest], said)])  # fmt: skip
    alone, ours = np.mean(marks, axis=0)
    return alone, ours


def coding(turns: int = 4) -> Iterator[Row]:
    """What 50 and 200 coded answers (150 of the 200 restaurant reviews) add to the codebook: macro-F1, and of each set alone."""
    for n_coded in (50, 150):
        alone, ours = learnt(*restaurants(), RESTAURANT, n_coded=n_coded, turns=turns)
        yield Row(f"coding, restaurants, {n_coded} coded: macro-F1", float(ours.mean()), float(alone.mean()), f"codebook {alone.mean():.3f}")  # fmt: skip
    for n_coded in (50, 200):
        alone, ours = learnt(*products(), KINDS, n_coded=n_coded, turns=turns)
        for kind, one, other in zip(SETS, alone, ours, strict=True):
            yield Row(f"coding, {kind}, {n_coded} coded: F1", float(other), float(one), f"codebook {one:.3f}")  # fmt: skip


def planted(seed: int, *, segments: int = 4, each: int = 250, words: int = 5) -> tuple[list[list[str]], list[str], set[tuple[str, str]]]:  # fmt: skip
    """Shop reviews in random groups; five words of its own are put into 14 % more texts of each group."""
    texts, _ = reviews(segments * each // 10, seed=100 + seed)
    tag, rng = tagger(), np.random.default_rng(seed)
    said = [content_words(tag(normalise(text))) for text in texts]
    count = pl.Series([w for one in said for w in set(one)]).value_counts(sort=True)
    common = sorted(count.filter(pl.col("count") >= 8)[count.columns[0]].to_list())
    own = rng.choice(common, (segments, words), replace=False)
    groups = [f"g{at % segments}" for at in rng.permutation(len(said))]
    for at, group in enumerate(groups):
        said[at] = [*said[at], *(str(w) for w in own[int(group[1])] if rng.random() < 0.14)]
    return said, groups, {(f"g{g}", str(w)) for g in range(segments) for w in own[g]}


def keywords(draws: int = _DRAWS) -> Iterator[Row]:
    """Planted words among the first twenty, and flags that are none."""
    right = flags = false = 0
    for seed in range(draws):
        said, groups, truth = planted(seed)
        found = keyness(said, groups, segments=sorted(set(groups))).filter(pl.col("share") > pl.col("share_rest"))  # fmt: skip
        first = found.sort("z", descending=True).head(20).select("segment", "word").rows()
        flagged = found.filter(pl.col("p_adjusted") < _LEVEL).select("segment", "word").rows()
        right, flags, false = right + len(truth & set(first)), flags + len(flagged), false + len(set(flagged) - truth)  # fmt: skip
    yield Row("keyness, planted words: precision of the first 20", right / (20 * draws), 0.85)
    yield Row("keyness, planted words: false among the flagged", false / max(flags, 1), 0.05, f"{flags} flags", most=True)  # fmt: skip


def duplicates(n: int = 1_500) -> Iterator[Row]:
    """Long reviews of which one in twenty characters was lost and an end was added."""
    rng = random.Random(17)
    texts = rng.sample(sorted({r["review"] for r in table(SHOP) if 40 <= len(r["review"]) <= 200}), n)  # fmt: skip
    lost = ["".join(c for c in text if rng.random() > 0.05) + rng.choice(["", "!!", "。总之就这样", " 好评"]) for text in texts[: n // 4]]  # fmt: skip
    found = {tuple(sorted(pair)) for pair in copies([*texts, *lost]).select("at", "other_at").rows()}  # fmt: skip
    right = {(at, n + at) for at in range(n // 4)}
    made = {pair for pair in found if pair[1] >= n}
    yield Row("duplicates, long texts: precision", len(found & right) / len(made), 0.97)
    yield Row("duplicates, long texts: recall", len(found & right) / len(right), 0.97)


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "topics": topics, "sentiment": sentiment, "aspects": aspects, "coding": coding, "keyness": keywords, "duplicates": duplicates,
}  # fmt: skip


def main(asked: Sequence[str]) -> int:
    """Print the table; 1 where a figure misses its floor."""
    missed = 0
    for part in asked or PARTS:
        for row in PARTS[part]():
            sign = "≤" if row.most else "≥"
            print(f"{row.what:58} {row.value:6.3f} {sign} {row.floor:.3f}  {'' if row.holds else 'MISSED'} {row.peer}", flush=True)  # fmt: skip
            missed += not row.holds
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
