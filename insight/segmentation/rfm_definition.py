"""What R, F and M are in a study, how they are scored, and what the scores are called."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insight.errors import BadParameter
from insight.parameters import Seed, picked
from insight.schema import Definitions
from insight.segmentation.names import Scheme

MOST_CUTS = 4
_SPLITS = {
    "median": "高于中位数", "mean": "高于平均数", "mean_score": "高于平均得分", "top_score": "4 分及以上",
}  # fmt: skip
_SCORINGS = {
    "quintile": "按名次五等分", "fixed": "固定分界", "jenks": "自然断点（Jenks）", "kmeans": "k 均值聚类",
}  # fmt: skip
_REFUNDS = {"net": "扣退款，订单照算", "void": "扣退款，全额退款的订单不算", "gross": "不扣退款"}


class Definition(BaseModel):
    """What R, F and M are, how they are scored and what the scores are called."""

    model_config = ConfigDict(frozen=True)

    names: Scheme = picked(
        "eight",
        {"eight": "中国八类", "eleven": "国际十一类"},
        title="分层名称",
        description="八类按 R、F、M 各自的高低划分，十一类按 1–5 分的组合划分",
    )
    split: Literal["median", "mean", "mean_score", "top_score"] = picked(
        "median", _SPLITS, title="八类的高低", description="只用于八类：每一项高于什么算“高”"
    )
    scoring: Literal["quintile", "fixed", "jenks", "kmeans"] = picked(
        "quintile", _SCORINGS, title="打分方法", description="R、F、M 的 1–5 分怎么打；5 分最好"
    )
    r_cuts: str = Field(
        default="30,90,180,365",
        title="R 的固定分界（天）",
        description="只用于固定分界：1–4 个从小到大的天数，不超过即算达到",
    )
    f_cuts: str = Field(
        default="2,3,4,6",
        title="F 的固定分界（单）",
        description="只用于固定分界：1–4 个从小到大的订单数，达到即加分",
    )
    m_cuts: str = Field(
        default="",
        title="M 的固定分界（元）",
        description="只用于固定分界：1–4 个从小到大的金额，如 200,500,1000,3000",
    )
    as_of: str = Field(
        default="", title="统计日", description="如 2025-12-31，留空表示最后一单的日期"
    )
    window_days: int = Field(
        default=0, ge=0, le=3650, title="回看天数", description="0 表示全部订单"
    )
    money: Literal["sum", "mean"] = picked(
        "sum", {"sum": "消费总额", "mean": "每单平均"}, title="M 的算法"
    )
    refunds: Literal["net", "void", "gross"] = picked(
        "net", _REFUNDS, title="退款处理", description="金额是否扣退款，全额退款的订单是否还算一单"
    )
    seed: Seed = Field(default=0, description="只用于 k 均值聚类的起点")

    @property
    def period(self) -> str:
        """Which orders count, as a Chinese phrase: 截至 2025-12-31 的最近 365 天订单."""
        until = f"截至 {self.as_of} 的" if self.as_of else ""
        return until + (f"最近 {self.window_days} 天订单" if self.window_days else "全部订单")


def recorded(definitions: Definitions) -> Definition:
    """The definition that the study's recipe holds.

    Raises
    ------
    BadParameter : it was written elsewhere and cannot be used.
    """
    try:
        return Definition.model_validate(definitions.rfm)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise BadParameter(f"rfm.{field}", "研究里记录的值不能用，请在“分层”页重新设定") from error


def cut_points(text: str, *, name: str) -> list[float]:
    """ "30, 90，180" as numbers (BadParameter: not one to four of them, ascending)."""
    parts = [part for part in re.split(r"[,，、;；\s]+", text) if part]
    try:
        cuts = [float(part) for part in parts]
    except ValueError as error:
        raise BadParameter(name, "应为用逗号分开的数字，如 30,90,180,365") from error
    if not 1 <= len(cuts) <= MOST_CUTS or sorted(set(cuts)) != cuts:
        raise BadParameter(name, f"请写 1–{MOST_CUTS} 个从小到大的数字，如 30,90,180,365")
    return cuts
