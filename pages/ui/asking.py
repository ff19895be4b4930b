"""Tables from a database or a data lake: ask, look at the answer like at an uploaded file, ask again later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from insight import pipeline
from insight.errors import InsightError
from insight.pipeline import jobs
from insight.schema import Origin
from pages.ui import drafts, waiting
from pages.ui.drafts import kept
from pages.ui.gate import Context
from pages.ui.states import forget, tried
from pages.ui.words import md_text

_HOW = (
    "还没有配置数据连接。管理员在服务器上设置环境变量 `INSIGHT_CONNECTIONS__名称`，或在 `.streamlit/secrets.toml` 里写 "
    "`[connections.名称]` 和 `url`，就可以从 PostgreSQL、MySQL、SQLite、DuckDB，或 Parquet、csv、Delta 数据湖取数；"
    "密码只留在服务器上，不进入研究。"
)  # fmt: skip
_DATABASES = frozenset({"PostgreSQL", "MySQL", "SQLite", "DuckDB"})
_SECRET = "这里像是写着密码或密钥：它不会被暂存，刷新后要重新填。请让管理员把地址和密码配置成数据连接，查询里只写表和列。"


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to a question, shown and imported like an uploaded file."""

    file_id: str
    name: str
    origin: Origin
    data: pipeline.Spooled = field(repr=False)


def panel(context: Context, batch: int) -> list[Fetched]:
    """Draw the panel; what was fetched for this import, newest last."""
    is_begun = any(drafts.held(name) for name in ("ask:called", "ask:query"))
    with st.expander("从数据库或数据湖取数", is_begun, icon=":material/database:"):
        known = tried(pipeline.connections)
        if isinstance(known, InsightError):
            st.error(md_text(known), icon=":material/error:")
        elif not known:
            st.markdown(_HOW)
        else:
            _question(known, batch)
        _again(context)
    _answered(batch)
    return _kept(batch)


def _question(known: Mapping[str, str], batch: int) -> None:
    """The question, kept as it is typed (a form would tell it only once it is sent)."""
    with st.container(horizontal=True):
        name = st.selectbox("数据连接", list(known), format_func=lambda n: f"{n}（{known[n]}）", width=280, key=kept("ask:connection"))  # fmt: skip
        called = st.text_input("在研究里叫什么", placeholder="如：订单", max_chars=40, width=240, key=kept("ask:called"))  # fmt: skip
    ask = st.text_area(
        "查询或路径", height=110, placeholder="数据库写一条 SQL：SELECT … FROM …；数据湖写路径：orders/*.parquet",
        key=kept("ask:query"),
    )  # fmt: skip
    st.caption("只读取、不改动对方的数据；研究里只记查询，不记地址和密码。")
    if pipeline.holds_credentials(ask):
        st.warning(_SECRET, icon=":material/key_off:")
    if st.button("取数", type="primary", icon=":material/play_arrow:", key="ask:send"):
        origin = Origin(connection=name, ask=ask)
        waiting.started(_place(batch), (origin, called or name), jobs.ask(origin))


def _place(batch: int) -> str:
    return f"ask:{batch}"


def _answered(batch: int) -> None:
    """Keep an answer that has come; show the step, or the reason why there is none."""
    asked = waiting.waits_for(_place(batch))
    if asked is None:
        return
    data = tried(lambda: waiting.fetched(_place(batch)))
    if isinstance(data, InsightError):
        st.error(f"{md_text(data.message)}{md_text(data.hint)}", icon=":material/error:")
    elif data is not None:
        origin, called = asked
        one = Fetched(f"{batch}:{len(_kept(batch))}", f"{called}.parquet", origin, data)
        st.session_state[f"edit:fetched:{batch}"] = [*_kept(batch), one]


def _kept(batch: int) -> list[Fetched]:
    kept: list[Fetched] = st.session_state.get(f"edit:fetched:{batch}", [])
    return kept


def _again(context: Context) -> None:
    """Offer to ask every query of the study again."""
    names = [str(one["file"]) for one in context.status.sources if one.get("origin")]
    if not names:
        return
    place = f"refresh:{context.name}"
    st.markdown(f"这个研究里来自数据库或数据湖的数据：{md_text('、'.join(names))}")
    if st.button("重新执行全部查询", icon=":material/sync:"):
        waiting.started(place, context.revision, jobs.refresh(context.study))
    if waiting.waits_for(place) is None:
        return
    done = tried(lambda: waiting.fetched(place))
    if isinstance(done, InsightError):
        st.error(f"{md_text(done.message)}{md_text(done.hint)}", icon=":material/error:")
    elif done is not None:
        waiting.drop(place)
        told = [f"{one.name}：{f'{one.n_before:,} → {one.n_now:,} 行' if one.is_new else '没有变化'}" for one in done]  # fmt: skip
        st.session_state["refreshed"] = "；".join(told)
        forget()
        st.rerun()


def refreshed() -> None:
    """What the last refresh brought, said once."""
    if told := st.session_state.pop("refreshed", ""):
        st.success(md_text(told), title="已更新", icon=":material/check_circle:")
