"""Parameters that several analyses ask for, declared once: what they are called, explained and bounded by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from insight.settings import settings
from insight.stats.multiple import CORRECTION_LABELS, Correction
from insight.stats.proportions import LEVELS, Level, Mode, Rule
from insight.text.topics import MOST_TOPICS, check_number


def picked(
    default: str, labels: Mapping[Any, str], *, title: str, description: str | None = None
) -> Any:  # noqa: ANN401 (the field of a model, as pydantic's own)
    """A parameter that is one of a few words, each shown by its Chinese label."""
    shown: JsonDict = {str(word): label for word, label in labels.items()}
    return Field(
        default=default, title=title, description=description, json_schema_extra={"labels": shown}
    )


Seed = Annotated[int, Field(ge=0, le=9_999, title="随机种子")]
NumberOfTopics = Annotated[
    int,
    AfterValidator(check_number),
    Field(ge=0, le=MOST_TOPICS, title="主题数", description="0 表示由数据决定；否则填 2 到 30"),
]
Correcting = Annotated[
    Correction,
    picked(
        "bonferroni",
        CORRECTION_LABELS,
        title="多重比较校正",
        description="默认 Bonferroni，与 SPSS 自定义表一致：同一行比较的列对越多，越不容易误报",
    ),
]
Significance = Annotated[
    Level,
    Field(title="显著性水平", description="前者印小写字母，后者印大写字母"),
]


SMALLEST_BASE_OF_SPSS = 2


def rule_of(correction: Correction, level: Level, *, mode: Mode = "default") -> Rule:
    """How columns are compared with these parameters, and which bases the settings call too small."""
    tiny = settings().tiny_base if mode == "default" else SMALLEST_BASE_OF_SPSS
    return Rule(correction, LEVELS[level], settings().small_base, tiny, mode)
