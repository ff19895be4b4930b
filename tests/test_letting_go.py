"""What a control calls, and what a page read, are let go when a page without them was drawn."""

from __future__ import annotations

import gc
import weakref

from streamlit.testing.v1 import AppTest

LENT: list[weakref.ref[set[str]]] = []
PRESSED: list[str] = []
NAMES: list[str] = []


def _script() -> None:
    import weakref

    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx
    from test_letting_go import LENT, NAMES, PRESSED

    from pages.ui import letting_go

    class Table(set[str]):
        """Something large."""

    def press() -> None:
        PRESSED.append(f"{len(table)} in the table")

    turn = st.radio("页", ["一", "二"])
    known = letting_go.begin(turn)
    if turn == "一":
        table = Table()
        LENT.append(weakref.ref(table))
        st.button("打开", on_click=press, key="open")
        st.text_input("字", key="word")
        st.session_state["kept:table"] = st.session_state["other"] = "read"
    letting_go.end(known)
    names = get_script_run_ctx().session_state._state._key_id_mapper
    NAMES[:] = [*names._key_id_mapping, *names.id_key_mapping.values()]


def _alive() -> list[set[str]]:
    gc.collect()
    return [one for ref in LENT if (one := ref()) is not None]


def test_a_control_that_is_gone_holds_nothing_and_one_that_is_there_still_acts():
    LENT.clear()
    PRESSED.clear()
    app = AppTest.from_function(_script).run()
    app.text_input("word").input("留").run()
    app.button("open").click().run()
    assert len(PRESSED) == 1
    assert len(_alive()) == 1
    assert app.text_input("word").value == "留"
    assert sorted(NAMES) == ["open", "open", "word", "word"]
    app.radio[0].set_value("二").run()
    app.run()
    assert not app.exception
    assert _alive() == []
    assert NAMES == []
    app.radio[0].set_value("一").run()
    app.button("open").click().run()
    assert not app.exception
    assert len(PRESSED) == 2


def test_what_a_page_read_for_itself_goes_with_the_page():
    app = AppTest.from_function(_script).run()
    app.run()
    assert app.session_state["kept:table"] == "read"
    app.radio[0].set_value("二").run()
    assert "kept:table" not in app.session_state
    assert app.session_state["other"] == "read"
