"""What a control calls, and the tables in it, are let go when a page without the control was drawn."""

from __future__ import annotations

import gc
import weakref

from streamlit.testing.v1 import AppTest

LENT: list[weakref.ref[set[str]]] = []


def _script() -> None:
    import weakref

    import streamlit as st
    from test_letting_go import LENT

    from pages.ui import letting_go

    class Table(set[str]):
        """Something large."""

    turn = st.radio("页", ["一", "二"])
    if turn == "一":
        table = Table()
        LENT.append(weakref.ref(table))
        st.button("打开", on_click=lambda: table.add("开"), key="open")
        st.text_input("字", key="word")
    letting_go.controls()


def _alive() -> list[set[str]]:
    gc.collect()
    return [one for ref in LENT if (one := ref()) is not None]


def test_a_control_that_is_gone_holds_nothing_and_one_that_is_there_still_acts():
    LENT.clear()
    app = AppTest.from_function(_script).run()
    app.text_input("word").input("留").run()
    app.button("open").click().run()
    assert len(_alive()) == 1
    assert app.text_input("word").value == "留"
    app.radio[0].set_value("二").run()
    app.run()
    assert not app.exception
    assert _alive() == []
    app.radio[0].set_value("一").run()
    app.button("open").click().run()
    assert not app.exception
