"""What a study calls a new, a growing, a mature, a declining and a lost customer."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insight.errors import BadParameter
from insight.schema import Definitions

STAGES = NEW, GROWING, MATURE, DECLINING, LOST = ("新客", "成长", "成熟", "衰退", "流失")


class Definition(BaseModel):
    """Where a stage begins, in purchases and in cycles without one."""

    model_config = ConfigDict(frozen=True)

    mature_from: int = Field(
        default=4,
        ge=3,
        le=100,
        title="成熟：至少购买几次",
        description="只买过 1 次为新客，2 次到这个数以下为成长；同一天的多单算一次",
    )
    declining: float = Field(
        default=1.5,
        ge=0.5,
        le=20,
        title="衰退：超过几个周期没买",
        description="周期为客户自己两次购买间隔的中位数；间隔太少时用所买品类的",
    )
    lost: float = Field(
        default=3.0, ge=0.5, le=50, title="流失：超过几个周期没买", description="必须大于衰退的倍数"
    )
    own_gaps: int = Field(
        default=2,
        ge=1,
        le=20,
        title="至少几个间隔才用自己的周期",
        description="间隔更少的客户用主要购买品类的周期",
    )
    cycle_days: int = Field(
        default=0,
        ge=0,
        le=1095,
        title="品类周期（天）",
        description="0 表示由数据决定；填写后，没有自己周期的客户都用这个天数",
    )
    as_of: str = Field(
        default="", title="统计日", description="如 2025-12-31，留空表示最后一单的日期；之后的订单不用"
    )  # fmt: skip

    @property
    def in_words(self) -> str:
        """The rule in a Chinese phrase."""
        return (
            f"超过 {self.lost:g} 个周期没买为流失，超过 {self.declining:g} 个为衰退，"
            f"其余买过不少于 {self.mature_from} 次为成熟、只买过 1 次为新客"
        )

    @property
    def snapshot(self) -> int | None:
        """The last day that counts [days since 1970]; None for the last order's.

        Raises
        ------
        BadParameter : it is no date.
        """
        if not self.as_of:
            return None
        try:
            return (date.fromisoformat(self.as_of) - date(1970, 1, 1)).days
        except ValueError as error:
            raise BadParameter("统计日（as_of）", "应为 2025-12-31 这样的日期") from error


def recorded(definitions: Definitions) -> Definition:
    """The definition that the study's recipe holds (BadParameter: it cannot be used)."""
    try:
        return Definition.model_validate(definitions.lifecycle)
    except ValidationError as error:
        field = error.errors()[0]["loc"][0]
        reason = "研究里记录的值不能用，请在“生命周期与价值”页重新设定"
        raise BadParameter(f"lifecycle.{field}", reason) from error
