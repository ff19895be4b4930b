"""What a study clusters its customers by, into how many groups, and what the user calls the groups."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insight.errors import BadParameter
from insight.parameters import Seed
from insight.schema import Definitions

MOST_CLUSTERS = 8
Feature = Literal["days_since_last", "n_orders", "spend", "average_order_value", "n_categories"]
FEATURES: dict[str, str] = {
    "days_since_last": "最近一单距今", "n_orders": "订单数", "spend": "消费金额",
    "average_order_value": "客单价", "n_categories": "买过的品类数",
}  # fmt: skip
_NAMES_FIELD = "分群改名（clusters.names）"


class Definition(BaseModel):
    """Which behaviour counts, how many clusters, what they are called."""

    model_config = ConfigDict(frozen=True)

    n_clusters: int = Field(
        default=0, ge=0, le=MOST_CLUSTERS, title="分成几群", description="0 表示由数据决定；否则填 2 到 8"
    )  # fmt: skip
    features: list[Feature] = Field(
        default_factory=list,
        title="按哪些行为分",
        description="不选表示数据里有的全部",
        json_schema_extra={"labels": {**FEATURES}},
    )
    window_days: int = Field(
        default=0, ge=0, le=3650, title="回看天数", description="0 表示全部订单"
    )
    names: str = Field(
        default="",
        title="改名",
        description="把建议的名称换成自己的，如：高频·大单=核心客户；低频·小单=尝鲜客户",
    )
    seed: Seed = 0

    @property
    def period(self) -> str:
        """Which orders count, as a Chinese phrase."""
        return f"最近 {self.window_days} 天订单" if self.window_days else "全部订单"


def recorded(definitions: Definitions) -> Definition:
    """The definition that the study's recipe holds (BadParameter: it cannot be used)."""
    try:
        return Definition.model_validate(definitions.clusters)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        reason = "研究里记录的值不能用，请在“分层”页的“行为分群”里重新设定"
        raise BadParameter(f"clusters.{field}", reason) from error


def own_names(text: str) -> dict[str, str]:
    """Proposed name -> the user's, from "高频·大单=核心客户；低频·小单=尝鲜客户".

    Raises
    ------
    BadParameter : a part has no "=", one side of it is empty, or two groups get one name.
    """
    pairs = [part.partition("=") for part in re.split(r"[；;，,\n]", text.replace("＝", "=")) if part.strip()]  # fmt: skip
    found = {proposed.strip(): own.strip() for proposed, _, own in pairs}
    if not all(proposed and own for proposed, own in found.items()):
        raise BadParameter(_NAMES_FIELD, "应写成“建议的名称=新的名称”，几个之间用分号隔开")
    if len(set(found.values())) < len(found):
        raise BadParameter(_NAMES_FIELD, "两个分群不能叫同一个名称")
    return found
