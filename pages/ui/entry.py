"""Fields that a change of the study is made from: whoever may only look sees what stands in them, and cannot type."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import streamlit as st

from pages.ui import changing

C = TypeVar("C", bound=Callable[..., Any])


def _for_editors(widget: C) -> C:
    """A widget that is disabled for whoever may not change the study."""

    @wraps(widget)
    def drawn(*args: Any, **look: Any) -> Any:  # noqa: ANN401 (whatever the widget takes and gives)
        return widget(*args, **look | ({"disabled": True} if changing.barred() else {}))

    return cast("C", drawn)


data_editor = _for_editors(st.data_editor)
date_input = _for_editors(st.date_input)
file_uploader = _for_editors(st.file_uploader)
multiselect = _for_editors(st.multiselect)
number_input = _for_editors(st.number_input)
segmented_control = _for_editors(st.segmented_control)
selectbox = _for_editors(st.selectbox)
slider = _for_editors(st.slider)
text_area = _for_editors(st.text_area)
text_input = _for_editors(st.text_input)
toggle = _for_editors(st.toggle)
