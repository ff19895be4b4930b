"""The example study with the tasks of the research methods added: planted worths of items, levels and prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import numpy as np
import polars as pl

from insight import ledger
from insight.dataset import Dataset
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.schema.campaigns import Campaign, Promise

ITEMS = ("速度", "口味", "价格", "包装", "服务", "品牌")
SETS = ((0, 1, 2, 3), (2, 3, 4, 5), (0, 1, 4, 5), (0, 2, 4, 3), (1, 3, 5, 2), (0, 1, 5, 4))
WORTH = np.array([1.5, 1.0, 0.2, -0.4, -0.8, -1.5])
ATTRIBUTES = {
    "价格": ("9 元", "12 元", "15 元"),
    "口味": ("原味", "辣味"),
    "包装": ("袋装", "盒装"),
}
PLANTED = {"9 元": 1.0, "12 元": 0.0, "15 元": -1.0, "原味": -0.5, "辣味": 0.5, "袋装": 0.0, "盒装": 0.0}  # fmt: skip
PRICES = (19, 29, 39, 49, 59)
METER = ("低到什么价格您会觉得太便宜、怀疑质量？", "什么价格您觉得便宜、划算？", "什么价格您觉得有点贵、但还能接受？", "贵到什么价格您就不会买？")  # fmt: skip


def with_research(dataset: Dataset, *, seed: int = 5) -> Dataset:
    """``dataset`` whose respondents also answered MaxDiff, choice and price tasks, and ranked the items in three waves."""
    rng, n = np.random.default_rng(seed), dataset.responses.height
    order = dataset.responses["respondent_id"].arg_sort()
    answers, questions = {}, []
    for made in (_maxdiff(rng, n), _choices(rng, n), _prices(rng, n), _ranks(rng, n), _waves(n)):
        answers |= made[0]
        questions += made[1]
    frame = pl.DataFrame(answers)[order.arg_sort()]
    asked = Questionnaire(questions=(*dataset.questionnaire.questions, *questions))
    return replace(
        undertaken(dataset),
        responses=pl.concat([dataset.responses, frame], how="horizontal"),
        questionnaire=dataset.questionnaire.model_copy(update={"questions": asked.questions}),
        designs=design(),
    )


def undertaken(dataset: Dataset, *, seed: int = 9) -> Dataset:
    """``dataset`` with a campaign to 300 customers, of whom a third were left alone, and a promise about those touched."""
    if dataset.orders is None:
        return dataset
    ids = ledger.customer_table(dataset.orders)["customer_id"]
    listed = ids.sort().sample(300, seed=seed)
    arms = ["对照" if at % 3 == 0 else "触达" for at in range(300)]
    people = pl.DataFrame({"customer_id": listed, "arm": arms}).sort("customer_id")
    lists = {
        "a" * 64: people,
        "b" * 64: people.filter(pl.col("arm") == "触达").select("customer_id"),
    }
    started = date(1970, 1, 1) + timedelta(days=ledger.span(dataset.orders)[1] // ledger.DAY - 60)
    campaign = Campaign(name="回访", target="衰退客户", started=started, people="a" * 64, n_touched=200, n_held_out=100, hold_out=33, seed=0)  # fmt: skip
    promise = Promise(title="两周内回访", target="衰退客户", promised=started, people="b" * 64, n_customers=200, campaign="回访")  # fmt: skip
    other = promise.model_copy(update={"title": "改进包装", "campaign": "", "due": started})
    return replace(dataset, campaigns=(campaign,), promises=(promise, other), lists=lists)


def alone(n: int, *, seed: int = 5) -> Dataset:
    """Nothing but the tasks, answered by ``n`` people."""
    responses = pl.DataFrame({"respondent_id": [f"r{i:04}" for i in range(n)]})
    return with_research(Dataset(responses=responses), seed=seed)


def _picked(rng: np.random.Generator, utility: np.ndarray) -> np.ndarray:
    return (utility + rng.gumbel(size=utility.shape)).argmax(axis=1)


def _single(id_: str, wording: str, options: tuple[str, ...]) -> Question:
    told = tuple(Option(label=o) for o in options)
    return Question(id=id_, wording=wording, kind=QuestionKind.SINGLE, columns=(id_,), options=told)


def _maxdiff(rng: np.random.Generator, n: int) -> tuple[dict[str, list], list[Question]]:
    answers, questions = {}, []
    for at, shown in enumerate(SETS, 1):
        held, names = np.array(shown), tuple(ITEMS[i] for i in shown)
        best = _picked(rng, np.tile(WORTH[held], (n, 1)))
        left = np.tile(-WORTH[held], (n, 1))
        left[np.arange(n), best] = -np.inf
        worst = _picked(rng, left)
        for key, word, chosen in (("b", "最", best), ("w", "最不", worst)):
            id_ = f"MD{at}{key}"
            answers[id_] = [names[i] for i in chosen]
            questions.append(_single(id_, f"第 {at} 组里您{word}看重的是？", names))
    return answers, questions


def profiles() -> list[tuple[str, ...]]:
    """Every combination of levels."""
    return list(product(*ATTRIBUTES.values()))


def design() -> pl.DataFrame:
    """Eight tasks of three alternatives each."""
    rng, rows = np.random.default_rng(11), []
    for task in range(1, 9):
        for alternative, at in enumerate(rng.choice(12, size=3, replace=False), 1):
            rows.append(("design.csv", float(task), float(alternative), *profiles()[at]))
    return pl.DataFrame(rows, schema=["design", "task", "alternative", *ATTRIBUTES], orient="row")


def _choices(rng: np.random.Generator, n: int) -> tuple[dict[str, list], list[Question]]:
    options = ("方案 1", "方案 2", "方案 3", "都不选")
    answers, questions = {}, []
    for task, shown in design().group_by("task", maintain_order=True):
        worth = [sum(PLANTED[level] for level in row[3:]) for row in shown.rows()]
        chosen = _picked(rng, np.tile([*worth, -1.0], (n, 1)))
        id_ = f"CBC{int(task[0])}"
        answers[id_] = [options[i] for i in chosen]
        questions.append(_single(id_, f"第 {int(task[0])} 题您会选哪一个？", options))
    return answers, questions


def _prices(rng: np.random.Generator, n: int) -> tuple[dict[str, list], list[Question]]:
    middle = rng.normal(35, 6, size=n).round()
    gaps = rng.integers(2, 9, size=(n, 3))
    named = np.column_stack(
        [middle - gaps[:, 0] - gaps[:, 1], middle - gaps[:, 1], middle, middle + gaps[:, 2]]
    )
    named[:3] = named[:3, ::-1]  # three people name them the wrong way round
    answers = {f"PSM{k}": named[:, k].tolist() for k in range(4)}
    questions = [
        Question(id=f"PSM{k}", wording=words, kind=QuestionKind.NUMBER, columns=(f"PSM{k}",)) for k, words in enumerate(METER)
    ]  # fmt: skip
    for price in PRICES:
        id_ = f"GG{price}"
        answers[id_] = ["会" if m >= price - 2 else "不会" for m in middle]
        questions.append(_single(id_, f"如果售价 {price} 元，您会购买吗？", ("会", "不会")))
    return answers, questions


def _ranks(rng: np.random.Generator, n: int) -> tuple[dict[str, list], list[Question]]:
    """The items ranked; every third person stops after three of them."""
    order = (-(WORTH + rng.gumbel(size=(n, len(ITEMS))))).argsort(axis=1)
    places = order.argsort(axis=1) + 1
    answers = {
        f"RK[{item}]": [
            int(p) if p <= 3 or row % 3 else None for row, p in enumerate(places[:, at])
        ]
        for at, item in enumerate(ITEMS)
    }
    options = tuple(Option(label=item, column=f"RK[{item}]") for item in ITEMS)
    return answers, [Question(id="RK", wording="请按看重的程度排序", kind=QuestionKind.RANK, columns=tuple(answers), options=options)]  # fmt: skip


def _waves(n: int) -> tuple[dict[str, list], list[Question]]:
    """Three waves of about the same size."""
    waves = ("第 1 波", "第 2 波", "第 3 波")
    return {"WV": [waves[row * 3 // n] for row in range(n)]}, [_single("WV", "第几波调查", waves)]
