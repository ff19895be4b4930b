"""Which questions and attributes say of a person what others may know, too: sex, age, place, work, family, income."""

from __future__ import annotations

import re

from insight.schema import Question, QuestionKind, Questionnaire
from insight.simplified import simplified

_DESCRIBES = re.compile(
    r"性别|年龄|年纪|周?岁|出生|生日|属相|省份|省市|城市|县市|地区|区域|所在地|居住|住在|常住|籍贯|户籍|民族|国籍|职业|行业|职位|职务|"
    r"工作单位|学历|教育程度|文化程度|婚姻|婚恋|家庭|子女|孩子|小孩|几口人|收入|工资|会员等级|"
    r"\b(gender|sex|age|birth(day| ?date)?|city|province|region|state|country|occupation|job title|industry|education|marital|income|children|household)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"满意|评价|认为|觉得|推荐|重要|喜欢|看重|购买|买过|打算|希望|听说|如果|同意|服务|配送|价格|适合|原因|为什么|影响|\b(satisf|recommend|important)",
    re.IGNORECASE,
)
_NEVER = (QuestionKind.NPS, QuestionKind.ID, QuestionKind.WEIGHT)


def describes(wording: str) -> bool:
    """Whether a question, or the name of an attribute, is about who somebody is and not about what they think."""
    said = simplified(wording)
    return _DESCRIBES.search(said) is not None and _OPINION.search(said) is None


def describing(questionnaire: Questionnaire) -> tuple[Question, ...]:
    """The questions with one answer that describe the person who answered."""
    return tuple(
        one
        for one in questionnaire.questions
        if len(one.columns) == 1 and one.kind not in _NEVER and describes(one.wording)
    )
