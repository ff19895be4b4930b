"""Whoever may only look sees the fields of a change as they stand, can type into none, and is told once why."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from team_server import BOSS, LI, team_server

from insight import access, pipeline
from pages.ui import changing, places, signing
from pages.ui.places import Place

ROOT = Path(__file__).parents[1]
ORDERS = "订单号,手机号,下单时间,实付金额\n" + "".join(f"D{n},138001380{n % 20:02},2024-0{1 + n % 6}-03,{20 + n}\n" for n in range(60))  # fmt: skip
ANSWERS = "手机号,Q1.您的性别,Q2.您最看重什么\n" + "".join(f"138001380{n % 20:02},{'男女'[n % 2]},{('价格便宜', '送货快', '质量好')[n % 3]}\n" for n in range(40))  # fmt: skip
WIDGETS = frozenset({
    "checkbox", "data_editor", "date_input", "file_uploader", "multiselect", "number_input", "pills", "radio", "segmented_control", "select_slider",
    "selectbox", "slider", "text_area", "text_input", "toggle",
})  # fmt: skip
KINDS = ("text_input", "text_area", "number_input", "selectbox", "multiselect", "toggle", "slider", "date_input", "button_group", "file_uploader")  # fmt: skip
LOOKING = ("choose:", "live:", "table", "chart", "edit:aud:研究:people")  # say what is looked at
FOR_EDITORS = {"asking", "roles"}  # of pages that a viewer cannot open
CHANGING = [
    (places.CLEANING, {}), (places.QUESTIONS, {}), (places.MATCH, {}), (places.SEGMENTS, {"view": "rfm"}), (places.SEGMENTS, {"view": "names"}),
    (places.AUDIENCES, {"view": "build"}), (places.STRATEGY, {"view": "rules"}),
]  # fmt: skip


def _keeps(call: ast.Call) -> bool:
    """Whether a widget holds what is kept until it is saved: its key is that of a draft."""
    key = next((ast.unparse(word.value) for word in call.keywords if word.arg == "key"), "")
    return key.startswith(("kept(", "draft.key", "_own(")) or "resumed(" in ast.unparse(call)


def _drawn_by_streamlit(file: Path):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if node.func.attr in WIDGETS and owner != "entry" and _keeps(node):
                yield f"{file.name}:{node.lineno} {owner}.{node.func.attr}"


@pytest.mark.parametrize("file", sorted((ROOT / "pages").rglob("*.py")), ids=lambda f: f.stem)
def test_what_is_kept_until_it_is_saved_is_typed_into_fields_for_editors(file):
    if file.stem not in FOR_EDITORS:
        assert list(_drawn_by_streamlit(file)) == []


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A server for a team with one study of orders and answers."""
    home = tmp_path_factory.mktemp("office")
    with team_server(home) as patch:
        with access.acting(BOSS):
            study = pipeline.new(home / "studies" / "研究")
            pipeline.add(study, ORDERS.encode(), "订单.csv")
            pipeline.add(study, ANSWERS.encode(), "答卷.csv")
        patch.setattr(signing, "identity", lambda: LI)
        patch.setattr(signing, "holder", lambda: "")  # a page in a test has no cookies
        yield study


def opened(office, role: str, place: Place, query: dict[str, str]) -> AppTest:
    with access.acting(BOSS):
        access.grant(LI.person, role, study=office.id, by="测试")
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    app.query_params["study"] = "研究"
    app.run()
    app.switch_page(place.file)
    for name, value in {"study": "研究", **query}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def usable(app: AppTest) -> set[str]:
    """The fields that can be typed into, without those that say what is looked at."""
    found = {str(one.key) for kind in KINDS for one in app.main.get(kind) if not one.disabled}
    tables = {one.proto.id for one in app.main.get("arrow_data_frame") if one.proto.editing_mode and not one.proto.disabled}  # fmt: skip
    return tables | {key for key in found if not key.startswith(LOOKING)}


@pytest.mark.parametrize(("place", "query"), CHANGING, ids=lambda x: getattr(x, "path", ""))
def test_a_viewer_types_into_nothing_and_is_told_once_while_an_analyst_types(office, place, query):
    app = opened(office, "viewer", place, query)
    assert usable(app) == set()
    assert sum(changing.TOLD in str(one.value) for one in app.caption) == 1
    app = opened(office, "analyst", place, query)
    assert usable(app)
    assert not any(changing.TOLD in str(one.value) for one in app.caption)
