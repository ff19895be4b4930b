"""The frame: server, page config, navigation; every page is a file in a folder of ``pages``."""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

from pages.ui import server

app = st.App(__file__, routes=server.ROUTES, middleware=[Middleware(server.guarded)])

if __name__ == "__main__":
    st.set_page_config(page_title="x", layout="wide")
    st.title("谁买得多、买得勤、最近还在买？")
    st.write("打开研究", "镕喆 12,345 ¥ 3.4%")
    st.file_uploader("上传文件", accept_multiple_files=True, type=["csv","xlsx"])
    st.dataframe([{"客户":"甲","占比":0.294, "金额": 12345.6}], column_config={"占比": st.column_config.NumberColumn("占比",format="percent"),"金额": st.column_config.NumberColumn(format="¥%,.0f")})
    st.bar_chart({"甲":3,"乙":4})
    st.metric("客户占比","29.4%",delta_description="重要价值客户", border=True)
    with st.popover("调整", icon=":material/tune:"):
        st.write("a")
    st.button("导入", type="primary")
    st.segmented_control("视图",["甲","乙"],default="甲")
    st.multiselect("题目",["a","b"])
    with st.form("f", enter_to_submit=False):
        st.text_input("名称"); st.form_submit_button("好")
    with st.sidebar:
        st.write("侧栏"); st.selectbox("研究",["a"])
        st.page_link("streamlit_app.py", label="概览", icon=":material/dashboard:")
