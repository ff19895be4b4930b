"""A place in the list of files that is not there, or not yet: a sentence or a conflict, never a traceback."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

from insight import pipeline
from insight import study as store
from insight.errors import Conflict, NoSuchSource
from insight.pipeline import jobs
from insight.schema import Decisions

ORDERS = "订单号,会员号,下单时间,实付金额\n" + "".join(
    f"A{i},M{i % 5},2025-0{i % 9 + 1}-03 10:00:00,{100 + i}\n" for i in range(30)
)
READING = {
    "columns_of": (), "dates_of": (), "questions": (), "rules_of": (), "save_preset": ("我的预设",), "source_now": (),
    "speakers": (), "steps_of": (), "try_rules": (Decisions(),), "turns": (),
}  # fmt: skip
CHANGING = {
    "decide": (Decisions(),), "remap": ({},), "remove": (), "retype": ({},), "set_rules": ({},), "set_speakers": ({},),
}  # fmt: skip
OF_OTHER_LISTS = {"remove_recode"}
INNER = {"source_at", "with_source"}  # take a revision


def _doors():
    """Every public function of the pipeline that takes a study and a place, by its name."""
    found = {}
    for module in pkgutil.iter_modules(pipeline.__path__, "insight.pipeline."):
        if module.name == jobs.__name__:
            continue
        for name, act in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):  # fmt: skip
            if not name.startswith("_") and "index" in inspect.signature(act).parameters:
                found[name] = act
    return found


DOORS = _doors()


def _of_two(path):
    study = pipeline.new(path)
    pipeline.add(study, ORDERS.encode(), "一月.csv")
    pipeline.add(study, ORDERS.replace("A", "B").encode(), "二月.csv")
    return study


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A study of two files: the first revision has none, the second one, the third both."""
    return _of_two(tmp_path_factory.mktemp("places") / "长大")


@pytest.fixture(scope="module")
def shrunk(tmp_path_factory):
    """The same after somebody removed the second file: the fourth revision."""
    study = _of_two(tmp_path_factory.mktemp("places") / "变小")
    pipeline.remove(study, 1, parent=3)
    return study


def test_every_door_with_a_place_is_tried_here():
    assert set(DOORS) == {*READING, *CHANGING, *OF_OTHER_LISTS, *INNER}


@pytest.mark.parametrize("name", sorted(READING))
@pytest.mark.parametrize("index", [2, -1])
def test_what_is_read_of_a_file_that_is_not_there_is_refused_in_a_sentence(grown, name, index):
    with pytest.raises(NoSuchSource, match=f"没有第 {index + 1} 个文件，现在一共 2 个"):
        DOORS[name](grown, index, *READING[name])


@pytest.mark.parametrize("name", sorted(CHANGING))
@pytest.mark.parametrize("index", [2, -1])
def test_a_change_of_a_file_that_is_not_there_is_refused_in_a_sentence(grown, name, index):
    with pytest.raises(NoSuchSource):
        DOORS[name](grown, index, *CHANGING[name], parent=store.head(grown).id)
    assert store.head(grown).id == 3


@pytest.mark.parametrize("name", sorted(CHANGING))
def test_a_change_of_a_file_that_came_after_what_the_user_saw_is_a_conflict(grown, name):
    with pytest.raises(Conflict, match="已经修改过"):
        DOORS[name](grown, 1, *CHANGING[name], parent=2)
    assert store.head(grown).id == 3


@pytest.mark.parametrize("name", sorted(CHANGING))
def test_a_change_of_a_file_that_was_removed_meanwhile_is_a_conflict(shrunk, name):
    with pytest.raises(Conflict, match="已经修改过"):
        DOORS[name](shrunk, 1, *CHANGING[name], parent=3)
    assert store.head(shrunk).id == 4


def test_speakers_are_laid_over_what_the_user_saw_and_not_over_what_somebody_else_decided(tmp_path):
    study = pipeline.new(tmp_path / "访谈")
    pipeline.add(study, "主持人：为什么？\n小王：便宜。\n小李：好看。\n主持人：还有呢？\n小王：送货快。\n小李：再想想。\n".encode(), "访谈.txt")  # fmt: skip
    pipeline.set_speakers(study, 0, {"小李": "interviewer"}, parent=2)
    with pytest.raises(Conflict) as caught:
        pipeline.set_speakers(study, 0, {"小王": "interviewer"}, parent=2)
    unsaved = pipeline.read_unsaved(caught.value.unsaved)
    assert dict(unsaved.recipe.sources[0].decisions.speakers) == {"小王": "interviewer"}
