"""MaxDiff, TURF and conjoint: against published values, statsmodels, brute force and planted worths."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from clean_tables import SECRET
from conftest import shared
from research_sample import ITEMS, PLANTED, WORTH, alone, design

from insight.analyses import find
from insight.analysis import answer
from insight.clean import clean, propose
from insight.dataset import Dataset
from insight.errors import BadParameter, NothingToTell, QuestionsMissing, TooFewRows, UnknownName
from insight.gather import gather
from insight.gather.parts import Part
from insight.readers import read
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.conditional_logit import Choices, dependent, fit
from insight.stats.conjoint import first_choices, logit_shares
from insight.stats.part_worths import Coding, importance, rated
from insight.stats.reach import best_sets, greedy_sets

FRUITS = ("Apple", "Orange", "Grapes", "Banana", "Peach", "Melon", "Pear")
FRUIT_SETS = ((1, 4, 6, 7), (2, 3, 4, 6), (2, 4, 5, 7), (1, 2, 5, 6), (1, 3, 4, 5), (3, 5, 6, 7), (1, 2, 3, 7))  # fmt: skip


def asked(key: str, dataset: Dataset, **params: object):
    analysis = find(key)
    return answer(analysis, dataset, analysis.params.model_validate(params))


def loaded(*files: tuple[str, bytes, str | None]) -> Dataset:
    parts = []
    for name, data, table in files:
        (raw,) = read(data, name)
        proposal = propose(raw, table=table)
        parts.append(Part(proposal.table, clean(raw, proposal, secret=SECRET), name))
    gathered = gather(parts)
    tables = {t: f for t, f in gathered.joined.tables.items() if t in ("responses", "designs")}
    return Dataset(questionnaire=gathered.questionnaire, **tables)


def a_logit(seed: int = 3, n: int = 400) -> Choices:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3, 2))
    chosen = (x @ [0.8, -0.5] + rng.gumbel(size=(n, 3))).argmax(axis=1)
    flat = np.zeros((n, 3), dtype=bool)
    flat[np.arange(n), chosen] = True
    ones = np.ones(n)
    return Choices(x.reshape(-1, 2), np.repeat(np.arange(n), 3), flat.ravel(), np.arange(n), ones)


def test_the_conditional_logit_is_that_of_statsmodels():
    from statsmodels.discrete.conditional_models import ConditionalLogit

    choices = a_logit()
    ours = fit(choices)
    theirs = ConditionalLogit(choices.chosen.astype(int), choices.x, groups=choices.task)
    assert theirs.score(ours.beta) == pytest.approx(
        np.zeros(2), abs=1e-6
    )  # its own search stops earlier
    assert theirs.loglike(ours.beta) == pytest.approx(ours.log_likelihood, abs=1e-8)
    assert ours.covariance == pytest.approx(np.linalg.inv(-theirs.hessian(ours.beta)), rel=1e-4)
    assert ours.null_log_likelihood == pytest.approx(-400 * np.log(3))


def test_a_weight_of_two_is_the_same_choice_twice():
    once = a_logit(n=100)
    heavy = replace(once, weight=np.full(100, 2.0))
    assert fit(heavy).beta == pytest.approx(fit(once).beta, abs=1e-9)
    assert fit(heavy).covariance == pytest.approx(fit(once).covariance / 2, abs=1e-9)


def test_utilities_without_a_maximum_are_not_invented():
    choices = a_logit(n=50)
    separated = replace(choices, x=choices.chosen[:, None].astype(float))
    assert fit(separated) is None


def test_columns_that_are_sums_of_others_within_the_sets_are_found():
    choices = a_logit(n=50)
    of_the_set = np.repeat(np.arange(50.0), 3)[:, None]  # the same for all alternatives
    x = np.hstack([choices.x, choices.x.sum(axis=1, keepdims=True), of_the_set])
    assert dependent(x, choices.task) == [2, 3]


def fruit(design_file: bool = False) -> tuple[Dataset, dict[str, object]]:
    data = shared("data/bws_maxdiff/fruit.csv").read_bytes()
    names = [[FRUITS[i - 1] for i in one] for one in FRUIT_SETS]
    if not design_file:
        return loaded(("fruit.csv", data, None)), {"sets": "；".join("、".join(n) for n in names)}
    rows = [f"{t},{p},{item}" for t, one in enumerate(names, 1) for p, item in enumerate(one, 1)]
    plan = "\n".join(["任务,位置,项目", *rows]).encode()
    return loaded(("fruit.csv", data, None), ("plan.csv", plan, None)), {}


def test_maxdiff_counts_every_fruit_as_often_as_the_design_shows_it():
    dataset, params = fruit()
    items = asked("maxdiff", dataset, **params).tables["items"]
    assert items["shown"].to_list() == [400] * 7  # 100 people, a balanced design of 7 x 4
    assert items["best"].sum() == items["worst"].sum() == 700
    answers = pl.read_csv(shared("data/bws_maxdiff/fruit.csv"))
    apple = {t: one.index(1) + 1 for t, one in enumerate(FRUIT_SETS, 1) if 1 in one}
    best = sum(int((answers[f"B{t}"] == place).sum()) for t, place in apple.items())
    worst = sum(int((answers[f"W{t}"] == place).sum()) for t, place in apple.items())
    row = items.row(by_predicate=pl.col("item") == "Apple", named=True)
    assert (row["best"], row["worst"]) == (best, worst)
    assert row["score"] == pytest.approx((best - worst) / 400)


def test_maxdiff_utilities_are_those_of_statsmodels_on_the_exploded_choices():
    from statsmodels.discrete.conditional_models import ConditionalLogit

    dataset, params = fruit()
    items = asked("maxdiff", dataset, **params).tables["items"]
    rows, y, groups = [], [], []
    for person, answers in enumerate(
        pl.read_csv(shared("data/bws_maxdiff/fruit.csv")).rows(named=True)
    ):
        for task, shown in enumerate(FRUIT_SETS, 1):
            best, worst = answers[f"B{task}"] - 1, answers[f"W{task}"] - 1
            for sign, chosen, left in ((1, best, range(4)), (-1, worst, [p for p in range(4) if p != best])):  # fmt: skip
                for place in left:
                    code = np.zeros(7)
                    code[shown[place] - 1] = sign
                    rows.append(code[:6])
                    y.append(int(place == chosen))
                    groups.append((person * 7 + task) * 2 + (sign < 0))
    model = ConditionalLogit(np.array(y), np.array(rows), groups=np.array(groups))
    ours = dict(items.select("item", "utility").iter_rows())
    beta = np.array([ours[f] - ours["Pear"] for f in FRUITS[:6]])
    assert model.score(beta) == pytest.approx(np.zeros(6), abs=1e-5)  # the top of its likelihood
    shares = np.exp([*beta, 0]) / np.exp([*beta, 0]).sum()
    assert dict(items.select("item", "share").iter_rows())["Apple"] == pytest.approx(shares[0])


def test_a_design_file_says_the_same_as_the_sets_written_down():
    by_sets, by_file = (asked("maxdiff", d, **p).tables["items"] for d, p in (fruit(), fruit(True)))
    assert by_file.equals(by_sets)


def test_maxdiff_finds_planted_worths():
    items = asked("maxdiff", alone(600)).tables["items"]
    assert items["item"].to_list() == list(ITEMS)
    planted = np.exp(WORTH) / np.exp(WORTH).sum()
    assert (items["ci_low"].to_numpy() < planted).all()
    assert (planted < items["ci_high"].to_numpy()).all()
    assert items["share"].sum() == pytest.approx(1)
    assert items["utility"].sum() == pytest.approx(0, abs=1e-9)


def test_a_task_with_one_item_for_best_and_worst_does_not_count():
    dataset = alone(40)
    same = dataset.responses.with_columns(MD1w=pl.when(pl.int_range(pl.len()) < 3).then("MD1b").otherwise("MD1w"))  # fmt: skip
    result = asked("maxdiff", replace(dataset, responses=same))
    assert "237 个任务" in result.notes[0]  # 40 x 6 - 3
    assert "另有 3 个任务" in result.notes[0]


def test_an_item_that_always_wins_leaves_the_counts_standing():
    dataset = alone(30)
    always = dataset.responses.with_columns(pl.lit("速度").alias(f"MD{t}b") for t in (1, 3, 4, 6))
    result = asked("maxdiff", replace(dataset, responses=always))
    assert result.tables["items"]["share"].null_count() == 6
    assert result.tables["items"]["item"][0] == "速度"
    assert any("没有唯一的解" in note for note in result.notes)


def test_a_questionnaire_without_tasks_says_how_they_should_look():
    lonely = Dataset(responses=alone(20).responses.select("respondent_id"))
    for key in ("maxdiff", "conjoint", "price_sensitivity", "gabor_granger", "turf"):
        with pytest.raises(QuestionsMissing, match="没有找到") as caught:
            asked(key, lonely)
        assert "题目应当这样问" in caught.value.hint


def test_as_many_best_as_worst_questions_are_needed():
    with pytest.raises(BadParameter, match="一一对应"):
        asked("maxdiff", alone(20), best=["MD1b", "MD2b"], worst=["MD1w"])
    with pytest.raises(UnknownName, match="MD9b"):
        asked("maxdiff", alone(20), best=["MD9b"], worst=["MD1w"])


def test_exact_turf_reaches_what_brute_force_reaches():
    rng = np.random.default_rng(2)
    takes, weight = rng.random((200, 8)) < 0.2, rng.uniform(0.5, 2, size=200)
    for found in best_sets(takes, weight=weight, most=4):
        every = combinations(range(8), len(found.items))
        best = max(float(weight @ takes[:, list(s)].any(axis=1)) for s in every) / weight.sum()
        assert found.reach == pytest.approx(best)
        assert found.frequency == pytest.approx(float(weight @ takes[:, list(found.items)].sum(axis=1)) / weight.sum())  # fmt: skip


def test_the_greedy_set_can_miss_the_best_pair():
    """a is taken by four, but b and c together by six: greedy starts with a and reaches five."""
    takes = np.zeros((6, 3), dtype=bool)
    takes[[0, 1, 3, 4], 0] = True
    takes[[0, 1, 2], 1] = True
    takes[[3, 4, 5], 2] = True
    ones = np.ones(6)
    assert greedy_sets(takes, weight=ones, most=2)[1].reach == pytest.approx(5 / 6)
    assert best_sets(takes, weight=ones, most=2)[1].items == (1, 2)


def ticks(n_items: int, n: int = 60) -> Dataset:
    rng = np.random.default_rng(4)
    frame = pl.DataFrame({f"Q1[{i}]": rng.random(n) < 0.1 for i in range(n_items)})
    options = tuple(Option(label=f"口味{i}", column=f"Q1[{i}]") for i in range(n_items))
    question = Question(id="Q1", wording="会买哪些口味", kind=QuestionKind.MULTI, columns=tuple(frame.columns), options=options)  # fmt: skip
    people = pl.DataFrame({"respondent_id": [f"r{i}" for i in range(n)]})
    return Dataset(responses=pl.concat([people, frame], how="horizontal"), questionnaire=Questionnaire(questions=(question,)))  # fmt: skip


def test_500_options_are_added_one_by_one():
    result = asked("turf", ticks(500))
    assert set(result.tables["sets"]["method"]) == {"逐个加入"}
    assert any("共 500 个选项" in note for note in result.notes)


def test_one_option_or_no_tick_makes_no_combination():
    with pytest.raises(NothingToTell, match="只有 1 个选项"):
        asked("turf", ticks(1))
    nobody = ticks(4)
    empty = nobody.responses.with_columns(pl.lit(value=False).alias(f"Q1[{i}]") for i in range(4))
    with pytest.raises(NothingToTell, match="没有人选过"):
        asked("turf", replace(nobody, responses=empty))
    unasked = nobody.responses.with_columns(
        pl.lit(None, pl.Boolean).alias(f"Q1[{i}]") for i in range(4)
    )
    with pytest.raises(TooFewRows):
        asked("turf", replace(nobody, responses=unasked))


def tea() -> Dataset:
    answers, cards = (
        shared(f"data/conjoint_tea/{f}.csv").read_bytes() for f in ("tprefm", "tprof")
    )
    return loaded(("tprefm.csv", answers, None), ("tprof.csv", cards, "designs"))


def test_the_tea_ratings_give_the_published_part_worths_and_importances():
    tables = asked("conjoint", tea()).tables
    price = tables["partworths"].filter(attribute="price")["utility"]
    assert price.to_list() == pytest.approx([0.2402, -0.1431, -0.0971], abs=5e-5)
    shares = dict(tables["importance"].select("attribute", "importance_share").iter_rows())
    published = {"price": 0.2476, "variety": 0.3222, "kind": 0.2715, "aroma": 0.1588}
    assert shares == pytest.approx(published, abs=5e-5)


def test_the_restaurant_choices_find_their_design_and_a_lower_price_is_liked_more():
    answers = shared("data/displayr_sav/fast_food.sav").read_bytes()
    plan = shared("data/displayr_sav/designs/fast_food_design.xlsx").read_bytes()
    result = asked("conjoint", loaded(("fast_food.sav", answers, None), ("design.xlsx", plan, None)))  # fmt: skip
    price = result.tables["partworths"].filter(attribute="Price per person")
    assert price["level"].to_list() == ["$10", "$12", "$15", "$20", "$30"]
    assert price["utility"].is_sorted(descending=True)
    model = dict(result.tables["model"].rows())
    assert model["任务数"] == 403 * 12
    assert model["选中率（预测对的任务占比）"] > 0.4  # by chance .25
    assert any("“Question”在每次比较里都相同" in note for note in result.notes)


def test_choices_give_the_planted_part_worths_back():
    result = asked("conjoint", alone(800))
    for row in result.tables["partworths"].iter_rows(named=True):
        assert row["ci_low"] - 0.05 < PLANTED[row["level"]] < row["ci_high"] + 0.05, row
    assert result.tables["importance"].sort("importance_share")["attribute"].to_list() == ["包装", "口味", "价格"]  # fmt: skip


def test_a_small_market_divides_by_the_logit_of_summed_part_worths():
    result = asked("conjoint", alone(300), products="价格=9 元，口味=辣味；价格=15 元，口味=原味")
    worth = {(a, level): u for a, level, u in result.tables["partworths"].select("attribute", "level", "utility").rows()}  # fmt: skip
    market = result.tables["simulation"]
    first = np.exp(worth["价格", "9 元"] + worth["口味", "辣味"])
    second, none = (
        np.exp(worth["价格", "15 元"] + worth["口味", "原味"]),
        np.exp(market["utility"][2]),
    )
    assert market["product"].to_list() == [
        "价格=9 元，口味=辣味",
        "价格=15 元，口味=原味",
        "都不选",
    ]
    assert market["share"][0] == pytest.approx(first / (first + second + none))
    with pytest.raises(BadParameter, match="没有“10 元”这个取值"):
        asked("conjoint", alone(300), products="价格=9 元；价格=10 元")


def test_an_attribute_that_copies_another_is_named():
    dataset = alone(60)
    copied = dataset.designs.with_columns(颜色=pl.col("口味").replace({"原味": "红", "辣味": "黑"}))
    with pytest.raises(NothingToTell, match="“颜色”的取值总是和别的属性一起变化"):
        asked("conjoint", replace(dataset, designs=copied))


def test_ratings_that_are_all_the_same_decide_nothing():
    dataset = tea()
    flat = dataset.responses.with_columns(pl.lit(5).alias(f"Q{i}") for i in range(1, 14))
    with pytest.raises(NothingToTell, match="同样的分"):
        asked("conjoint", replace(dataset, responses=flat))


def test_a_person_with_constant_ratings_has_no_importance_but_counts_in_the_means():
    coding = Coding((("a", ("x", "y")),))
    estimates, fits = rated(
        coding.coded([("x",), ("y",)]), np.array([[3.0, 1.0], [2.0, 2.0], [np.nan, 1.0]])
    )
    assert estimates[:, 0].tolist()[:2] == pytest.approx([1, 0])
    assert np.isnan(estimates[2, 0])
    assert np.isnan(fits).tolist() == [False, True, True]
    assert np.isnan(importance(estimates @ coding.spread, coding)).ravel().tolist() == [
        False,
        True,
        True,
    ]


def test_first_choices_are_shared_among_equals():
    assert first_choices(np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0]])).tolist() == [
        [0.5, 0.5, 0],
        [0, 1, 0],
    ]
    assert logit_shares(np.array([0.0, np.log(3)])).tolist() == pytest.approx([0.25, 0.75])


def test_several_designs_have_to_be_chosen_from():
    dataset = alone(30)
    both = pl.concat([design(), design().with_columns(design=pl.lit("另一个.csv"))])
    with pytest.raises(BadParameter, match="有 2 个设计文件"):
        asked("conjoint", replace(dataset, designs=both))
    assert asked("conjoint", replace(dataset, designs=both), design="design.csv").tables
