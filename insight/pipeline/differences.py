"""What differs between two recipes, in words: "人群“高额”：新增", "RFM 客户分层：时间窗（天） 0 → 365"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

from insight import recoding
from insight.analyses import catalogue, find
from insight.clean.proposal import ATTRIBUTE, IGNORED, QUESTION
from insight.schema import TABLES
from insight.schema.recodes import Recode
from insight.schema.topic_edits import TopicEdit
from insight.schema.topic_edits import told as told_edit
from insight.study import GONE, Change, Path

FIELD_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "sources": "文件", "recodes": "重编码", "matching": "匹配方式", "weighting": "加权", "exclusions": "排除答卷的规则",
        "params": "参数", "segment_names": "分层名称", "audiences": "人群", "banners": "表头", "filter": "只看",
        "lexicon": "词库", "codebook": "编码本", "need_statements": "需求陈述", "topic_edits": "主题编辑", "playbook": "规则库",
        "campaigns": "活动", "promises": "行动", "report": "报告里的结果", "currency": "币种",
    }
)  # fmt: skip
_ROLES = MappingProxyType({IGNORED: "不导入", QUESTION: "题目", ATTRIBUTE: "属性"})
_SCHEMES = {"eight": "RFM 八类", "eleven": "RFM 十一类"}
_LEXICON = {
    "words": "词", "apart": "要切开的词", "phrases": "短语", "stop_words": "停用词", "kept_words": "保留词",
    "synonyms": "同义词", "rejected": "不再建议的词", "simplify": "繁体转简体",
}  # fmt: skip
_SOURCE = {
    "roles": "列", "decisions": "读取方式", "preset": "平台预设", "encoding": "文字编码", "table": "表", "file": "内容",
    "origin": "取数来源",
}  # fmt: skip
_RECODE: TypeAdapter[Recode] = TypeAdapter(Recode)
_EDIT: TypeAdapter[TopicEdit] = TypeAdapter(TopicEdit)
TAB = "\t"  # between the fields that tell items of a list apart
_LONGEST = 24  # characters of a value that is shown


def told(changes: Iterable[Change]) -> tuple[str, ...]:
    """Each change as one sentence without its full stop."""
    return tuple(dict.fromkeys(f"{place_of(one.path, one)}：{_act(one)}" for one in changes))


def place_of(path: Path, one: Change | None = None) -> str:
    """What a part of a recipe is called on the screen: "人群“高额”"."""
    field, *below = path
    label = FIELD_LABELS.get(field, field)
    if not below:
        return label
    return _NAMED.get(field, _plainly)(label, below, one)


def _plainly(label: str, below: list[str], _: Change | None) -> str:
    return f"{label}“{below[0].partition(TAB)[0]}”"


def _of_params(label: str, below: list[str], _: Change | None) -> str:
    return f"“{_title(below[0])}”的{label}"


def _of_scheme(label: str, below: list[str], _: Change | None) -> str:
    return f"{label}（{_SCHEMES.get(below[0], below[0])}）"


def _of_lexicon(label: str, below: list[str], _: Change | None) -> str:
    part = _LEXICON.get(below[0], below[0])
    return f"{label}的{part}" + (f"“{below[1].strip(chr(34))}”" if below[1:] else "")


def _of_codebook(label: str, below: list[str], one: Change | None) -> str:
    if below[0] != "codes" or len(below) == 1:
        return label
    side = _item(one)
    return f"{label}的需求“{side['name'] if side else below[1]}”"


def _of_source(label: str, below: list[str], _: Change | None) -> str:
    name, *part = below
    file, sheet = name.split(TAB)[:2]
    shown_as = file if sheet in ("", PurePath(file).stem) else f"{file}（{sheet}）"
    told = f"{label}“{shown_as}”"
    if not part:
        return told
    told += f"的{_SOURCE.get(part[0], '识别结果')}"
    return f"{told}“{part[1]}”" if part[0] == "roles" and part[1:] else told


def _of_step(label: str, _: list[str], one: Change | None) -> str:
    """A recode or an edit of topics, which has no name, by what it does."""
    side = _item(one)
    if side is None:
        return label
    if label == FIELD_LABELS["recodes"]:
        return f"{label}“{recoding.told(_RECODE.validate_python(side))}”"
    return f"{label}“{told_edit(_EDIT.validate_python(side))}”"


def _of_pick(label: str, _: list[str], one: Change | None) -> str:
    side = _item(one)
    return f"{label}“{_title(side['key'])}”" if side else label


def _item(one: Change | None) -> dict[str, Any] | None:
    """The item of a list that a change is about, as it is now or was."""
    sides = (one.after, one.before) if one else ()
    return next((side for side in sides if isinstance(side, dict)), None)


_NAMED: Mapping[str, Callable[[str, list[str], Change | None], str]] = MappingProxyType(
    {
        "params": _of_params, "segment_names": _of_scheme, "lexicon": _of_lexicon, "codebook": _of_codebook,
        "sources": _of_source, "recodes": _of_step, "topic_edits": _of_step, "report": _of_pick,
    }
)  # fmt: skip


def _act(one: Change) -> str:
    """What happened to a part: 新增, 删除, 调整顺序, or from what to what."""
    if one.path[0] == "params" and isinstance(one.after, dict):
        former = one.before if isinstance(one.before, dict) else {}
        return "，".join(_params(one.path[1], former, one.after)) or "改回默认"
    if one.after == GONE:
        return "删除"
    if one.before == GONE and one.path[2:3] != ("roles",):
        return "新增"
    if isinstance(one.before, list) and sorted(map(str, one.before)) == sorted(map(str, one.after)):
        return "调整顺序"
    say = _role(one.path) if one.path[2:3] == ("roles",) else shown
    before, after = say(one.before), say(one.after)
    return f"{before} → {after}" if before and after else "修改"


def _role(path: Path) -> Callable[[Any], str]:
    """How the roles of columns of this source are called."""
    table = TABLES.get(path[1].rpartition(TAB)[2])

    def word(role: Any) -> str:  # noqa: ANN401 (a role, or GONE)
        column = table.column(str(role)) if table else None
        return column.label if column else _ROLES.get(str(role), shown(role))

    return word


def _params(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    fields = find(key).params.model_fields if key in catalogue() else {}
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            title = fields[name].title if name in fields else None
            yield f"{title or name} {shown(before.get(name, GONE)) or '…'} → {shown(after.get(name, GONE)) or '…'}"


def _title(key: str) -> str:
    return find(key).title if key in catalogue() else key


def shown(value: Any) -> str:  # noqa: ANN401 (whatever a recipe holds)
    """A short value in words; "" where it is no short one."""
    if value == GONE:
        return "默认"
    if value in (None, "", [], {}):
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return shown("、".join(value))
    if isinstance(value, dict | list):
        return ""
    text = str(value).removeprefix("audience:")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
