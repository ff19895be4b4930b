"""Two people change one study: nothing is overwritten, the difference is told, and both ways out keep everything."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import settings as within
from hypothesis import strategies as some

from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import CannotMerge, Conflict, StudyExists, UnknownName
from insight.pipeline.differences import FIELD_LABELS, told
from insight.schema.codebook import Code, Codebook
from insight.schema.lexicon import Lexicon
from insight.settings import settings
from insight.study import GONE, Pick, Recipe, Source, differences, merged

ORDERS = "订单号,会员号,下单时间,实付金额\n" + "".join(
    f"A{i},M{i % 5},2025-0{i % 9 + 1}-03 10:00:00,{100 + i}\n" for i in range(30)
)
SOURCE = Source(file="0" * 64, name="订单.csv", sheet="", table="orders", roles={"金额": "amount"})


def _params(recipe: Recipe, key: str, **own: object) -> Recipe:
    return recipe.model_copy(update={"params": {**recipe.params, key: own}})


@pytest.fixture
def filled(tmp_path):
    study = pipeline.new(tmp_path / "同一个")
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    return study


def _conflict(study, act) -> Conflict:
    with pytest.raises(Conflict) as caught:
        act()
    return caught.value


# merging ------------------------------------------------------------------------------------------


def test_changes_of_different_parts_are_both_kept():
    base = Recipe(sources=(SOURCE,), banners={"甲": ("rfm",)})
    mine = base.model_copy(update={"banners": {"甲": ("rfm",), "乙": ("Q2",)}})
    theirs = _params(base, "rfm", window_days=365)
    found = merged(base, mine=mine, theirs=theirs)
    assert found.clashes == ()
    assert found.recipe.banners == {"甲": ("rfm",), "乙": ("Q2",)}
    assert found.recipe.params == {"rfm": {"window_days": 365}}


def test_two_columns_of_one_file_are_two_parts():
    source = SOURCE.model_copy(update={"roles": {"金额": "amount", "日期": "ordered_at", "店": ""}})
    one, other = (
        Recipe(sources=(source.model_copy(update={"roles": source.roles | changed}),))
        for changed in ({"金额": ""}, {"店": "channel"})
    )
    found = merged(Recipe(sources=(source,)), mine=one, theirs=other)
    assert found.clashes == ()
    assert found.recipe.sources[0].roles == {"金额": "", "日期": "ordered_at", "店": "channel"}


@pytest.mark.parametrize(("side", "days"), [("mine", 90), ("theirs", 365)])
def test_where_both_touched_the_same_part_the_choice_counts(side, days):
    base = Recipe()
    mine, theirs = (_params(base, "rfm", window_days=n) for n in (90, 365))
    found = merged(base, mine=mine, theirs=theirs, choices={("params", "rfm"): side})
    assert [one.path for one in found.clashes] == [("params", "rfm")]
    assert found.recipe.params["rfm"] == {"window_days": days}


def test_what_one_removed_and_the_other_changed_is_a_clash():
    base = Recipe(sources=(SOURCE,))
    changed = SOURCE.model_copy(update={"roles": {"金额": ""}})
    found = merged(base, mine=Recipe(), theirs=Recipe(sources=(changed,)))
    (clash,) = found.clashes
    assert (clash.path, clash.mine) == (("sources", "订单.csv\t\torders"), GONE)
    kept = merged(base, mine=Recipe(), theirs=Recipe(sources=(changed,)), choices={clash.path: "mine"})  # fmt: skip
    assert kept.recipe.sources == ()


def test_the_same_change_of_both_is_no_clash():
    base = Recipe()
    both = _params(base, "rfm", window_days=90)
    assert merged(base, mine=both, theirs=both).clashes == ()


def test_words_that_two_people_add_to_one_list_are_all_there():
    base = Recipe(lexicon=Lexicon(stop_words=("的",)))
    one, other = (Recipe(lexicon=Lexicon(stop_words=("的", word))) for word in ("了", "吗"))
    assert merged(base, mine=one, theirs=other).recipe.lexicon.stop_words == ("了", "吗", "的")


def test_a_new_order_of_one_and_a_new_item_of_the_other_are_both_kept():
    a, b, c = (Pick(key=key) for key in ("rfm", "crosstab", "topics"))
    found = merged(Recipe(report=(a, b)), mine=Recipe(report=(b, a)), theirs=Recipe(report=(a, b, c)))  # fmt: skip
    assert (found.recipe.report, found.clashes) == ((b, a, c), ())


def test_two_that_are_impossible_together_are_refused_with_a_sentence():
    one, other = (Recipe(codebook=Codebook(codes=(Code(key=k, name="物流"),))) for k in ("a", "b"))
    with pytest.raises(CannotMerge, match="放在一起不成立"):
        merged(Recipe(), mine=one, theirs=other)


_RECIPES = some.builds(
    lambda banners, params, words, picks: Recipe(
        banners=banners, params=params, lexicon=Lexicon(stop_words=tuple(words)),
        report=tuple(Pick(key=key) for key in picks),
    ),
    some.dictionaries(some.sampled_from("甲乙丙"), some.tuples(some.sampled_from(["rfm", "Q1"]))),
    some.dictionaries(some.sampled_from(["rfm", "trend"]), some.fixed_dictionaries({"n": some.integers(0, 2)})),
    some.lists(some.sampled_from("的了吗"), unique=True),
    some.lists(some.sampled_from(["rfm", "trend", "topics"]), unique=True),
)  # fmt: skip


@within(deadline=None, max_examples=60)
@given(_RECIPES, _RECIPES)
def test_a_change_over_nothing_new_is_the_change_and_no_difference_is_left(base, other):
    assert merged(base, mine=other, theirs=base).recipe == other
    assert merged(base, mine=base, theirs=other).recipe == other
    assert (differences(base, other) == ()) == (base == other)


@within(deadline=None, max_examples=60)
@given(_RECIPES, _RECIPES, _RECIPES)
def test_whoever_lays_it_over_the_other_all_parts_of_either_side_are_told(base, mine, theirs):
    clashes = {one.path for one in merged(base, mine=mine, theirs=theirs).clashes}
    assert clashes == {one.path for one in merged(base, mine=theirs, theirs=mine).clashes}
    chosen = merged(base, mine=mine, theirs=theirs, choices=dict.fromkeys(clashes, "mine")).recipe
    for one in differences(base, mine):
        if not isinstance(one.before, list):  # an order of a list may be given up for the other's
            assert one.path not in {left.path for left in differences(mine, chosen)}


# the sentence -------------------------------------------------------------------------------------


def test_every_field_of_the_recipe_has_a_word():
    assert set(Recipe.model_fields) == set(FIELD_LABELS)


def test_a_conflict_tells_who_when_and_what_both_changed(filled):
    before = store.head(filled).id
    pipeline.set_params(filled, pipeline.params_of(filled, "rfm", {"window_days": 365}), key="rfm")
    error = _conflict(filled, lambda: pipeline.save_banner(filled, "月度", ["rfm"], parent=before))
    assert error.author == settings().author
    assert [one.split("：")[0] for one in error.theirs] == ["“RFM 客户分层”的参数"]
    assert "365" in error.theirs[0]
    assert error.mine == ("表头“月度”：新增",)
    assert "对方改了：" in str(error)
    assert pickle.loads(pickle.dumps(error)).unsaved == error.unsaved


def test_changes_are_told_in_words():
    lexicon = Recipe(lexicon=Lexicon(stop_words=("的",)))
    assert told(differences(Recipe(), lexicon)) == ("词库的停用词“的”：新增",)
    roles = SOURCE.model_copy(update={"roles": {"金额": ""}})
    assert told(differences(Recipe(sources=(SOURCE,)), Recipe(sources=(roles,)))) == (
        "文件“订单.csv”的列“金额”：实付金额 → 不导入",
    )
    assert told(differences(Recipe(sources=(SOURCE,)), Recipe())) == ("文件“订单.csv”：删除",)


# both ways out ------------------------------------------------------------------------------------


def test_a_change_is_made_again_on_top_and_neither_is_lost(filled):
    before = store.head(filled).id
    pipeline.save_banner(filled, "他的", ["rfm"], parent=before)
    error = _conflict(filled, lambda: pipeline.save_banner(filled, "我的", ["rfm"], parent=before))
    unsaved = pipeline.read_unsaved(error.unsaved)
    assert pipeline.touched(filled, unsaved) == ()
    again = pipeline.redo(filled, unsaved)
    assert (again.parent, again.note) == (before + 1, "保存表头 我的")
    assert set(pipeline.banners(filled)) == {"他的", "我的"}


@pytest.mark.parametrize(("side", "tiers"), [("mine", ("exact",)), ("theirs", ("exact", "weak"))])
def test_the_same_part_is_asked_for_and_the_answer_counts(filled, side, tiers):
    before = store.head(filled).id
    pipeline.set_matching(filled, ("exact", "weak"), parent=before)
    error = _conflict(filled, lambda: pipeline.set_matching(filled, ("exact",), parent=before))
    unsaved = pipeline.read_unsaved(error.unsaved)
    (part,) = pipeline.touched(filled, unsaved)
    assert (part.place, part.mine, part.theirs) == ("匹配方式", "修改", "修改")
    pipeline.redo(filled, unsaved, choices={part.path: side})
    assert store.head(filled).recipe.matching.tiers == tiers


def test_what_each_did_to_the_same_parameter_is_told(filled):
    before = store.head(filled).id
    seen = [pipeline.params_of(filled, "rfm", {"window_days": days}) for days in (365, 90)]
    pipeline.set_params(filled, seen[0], key="rfm", parent=before)
    error = _conflict(filled, lambda: pipeline.set_params(filled, seen[1], key="rfm", parent=before))  # fmt: skip
    (part,) = pipeline.touched(filled, pipeline.read_unsaved(error.unsaved))
    assert (part.mine, part.theirs) == ("回看天数 默认 → 90", "回看天数 默认 → 365")


def test_a_third_who_is_faster_again_is_told_again(filled, monkeypatch):
    before = store.head(filled).id
    pipeline.save_banner(filled, "他的", ["rfm"], parent=before)
    error = _conflict(filled, lambda: pipeline.save_banner(filled, "我的", ["rfm"], parent=before))
    seen = store.head(filled)
    pipeline.save_banner(filled, "第三个", ["rfm"])
    from insight.pipeline import redoing

    with monkeypatch.context() as patch:
        patch.setattr(redoing.store, "head", lambda study: seen)
        patch.setattr(redoing, "change", lambda study, head, **kept: pipeline.changing.change(study, head, **kept))  # fmt: skip
        again = _conflict(filled, lambda: pipeline.redo(filled, pipeline.read_unsaved(error.unsaved)))  # fmt: skip
    pipeline.redo(filled, pipeline.read_unsaved(again.unsaved))
    assert set(pipeline.banners(filled)) == {"他的", "我的", "第三个"}


def test_a_copy_holds_my_change_on_what_i_saw_and_the_first_study_stays(filled):
    pipeline.run(filled, "rfm")
    before = store.head(filled).id
    pipeline.save_banner(filled, "他的", ["rfm"], parent=before)
    error = _conflict(filled, lambda: pipeline.save_banner(filled, "我的", ["rfm"], parent=before))
    copy = pipeline.save_copy(filled, pipeline.read_unsaved(error.unsaved), "我的副本")
    assert (copy.name, copy.path.parent) == ("我的副本", filled.path.parent)
    assert copy.id != filled.id
    assert set(pipeline.banners(copy)) == {"我的"}
    assert set(pipeline.banners(filled)) == {"他的"}
    assert [one.id for one in store.history(copy)] == [before + 1, *range(before, 0, -1)]
    assert store.verify(copy).damaged == ()
    assert store.broken_line(copy) is None
    tables = [pipeline.run(one, "rfm").tables["customers"] for one in (filled, copy)]
    assert tables[0].equals(tables[1])  # the same key: the same tokens
    pipeline.add(copy, ORDERS.replace("M1", "M9").encode(), "更多订单.csv")


def test_a_copy_never_takes_the_place_of_a_study(filled):
    unsaved = store.Unsaved(parent=1, note="试", recipe=Recipe())
    pipeline.save_copy(filled, unsaved, "副本")
    with pytest.raises(StudyExists):
        pipeline.save_copy(filled, unsaved, "副本")


def test_files_that_were_exchanged_since_give_a_sentence_and_no_redo(filled):
    pipeline.add(filled, ORDERS.replace("M", "N").encode(), "二店.csv")
    before = store.head(filled).id
    pipeline.remove(filled, 0, parent=before)
    error = _conflict(filled, lambda: pipeline.remap(filled, 0, {"会员号": ""}, parent=before))
    assert (error.unsaved, error.theirs) == ("", ("文件“订单.csv”：删除",))
    assert "请刷新后再操作" in error.hint


# the steps ----------------------------------------------------------------------------------------


def test_every_step_is_told_and_two_of_them_are_compared(filled):
    pipeline.save_banner(filled, "月度", ["rfm"])
    pipeline.set_matching(filled, ("exact",))
    newest, before, *_ = pipeline.steps(filled)
    assert newest.changes == ("匹配方式：修改",)
    assert (before.note, before.changes) == ("保存表头 月度", ("表头“月度”：新增",))
    assert pipeline.compare(filled, 2, 4) == ("匹配方式：修改", "表头“月度”：新增")
    assert pipeline.compare(filled, 3, 2) == ("表头“月度”：删除",)
    with pytest.raises(UnknownName, match="版本"):
        pipeline.compare(filled, 2, 9)


def test_the_way_back_is_a_step_of_its_own_and_gives_the_same_results(filled):
    first = store.head(filled)
    pipeline.save_banner(filled, "月度", ["rfm"])
    back = pipeline.go_back(filled, first.id)
    assert (back.id, back.recipe, back.note) == (
        first.id + 2,
        first.recipe,
        f"回到第 {first.id} 版",
    )
    forth = pipeline.go_back(filled, first.id + 1)
    assert set(forth.recipe.banners) == {"月度"}


def test_the_command_tells_the_steps_compares_two_and_goes_back(filled, capsys):
    pipeline.save_banner(filled, "月度", ["rfm"])
    assert main(["steps", str(filled.path)]) == 0
    assert "表头“月度”：新增" in capsys.readouterr().out
    assert main(["steps", str(filled.path), "--compare", "2", "3"]) == 0
    assert capsys.readouterr().out.strip() == "表头“月度”：新增"
    assert main(["steps", str(filled.path), "--back", "2"]) == 0
    assert pipeline.banners(filled) == {}
    capsys.readouterr()
    assert main(["steps", str(filled.path), "--json"]) == 0
    assert [one["revision"] for one in json.loads(capsys.readouterr().out)] == [4, 3, 2, 1]
    assert main(["steps", str(filled.path), "--back", "9"]) == 1
