"""The glossary: one Chinese label for every column that results carry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# One word per idea: the Chinese label of every column that results carry. The screen and the report read it here.
LABELS: Mapping[str, str] = MappingProxyType({
    "customer_id": "客户编号", "respondent_id": "答卷编号", "text_id": "文本编号", "order_id": "订单号",
    "step": "步骤", "rule": "规则", "n_met": "符合的行数", "amount_met": "涉及金额（元）", "n_raw_lines": "原始行数", "raw_amount": "原始金额（元）",
    "days_since_last": "最近一单距今（天）", "n_orders": "订单数", "spend": "消费金额（元）", "r": "R 分", "f": "F 分", "m": "M 分",
    "segment": "客户分层", "n_customers": "客户数", "share_of_customers": "客户占比", "share_of_spend": "金额占比",
    "average_order_value": "客单价（元）", "orders_per_customer": "人均订单数", "spend_per_customer": "人均消费（元）",
    "repurchase_rate": "复购率", "refund_rate": "退款率", "median_days_since_last": "最近一单距今中位数（天）", "top_categories": "最常买的品类",
    "option": "选项", "n": "人数", "base": "基数", "share": "占比", "ci_low": "95% 下限", "ci_high": "95% 上限",
    "row": "选项", "column": "人群", "letters": "显著高于", "letter": "列字母", "question": "问题", "wording": "题干", "kind": "题型",
    "topic": "主题编号", "label": "主题", "n_texts": "文本数", "n_people": "人数", "top_words": "代表词", "weight": "权重", "text": "内容", "quote": "原话",
    "word": "词", "document_frequency": "提到人数", "need": "需求", "source": "来源", "revenue": "提及者消费金额（元）",
    "change_on_month": "环比", "change_on_year": "同比", "n_lines": "明细行数", "known_amount": "可识别客户的金额（元）",
    "share_with_customer": "可识别客户的金额占比", "table": "数据", "n_rows": "份数", "n_matched": "已匹配", "n_only_here": "只在问卷或文本中",
    "n_ambiguous": "无法唯一对应", "n_no_key": "没有可用的标识", "n_conflicts": "标识互相矛盾", "n_repeated": "同一客户的重复份数", "match_status": "客户标识", "variable": "比较的内容", "matched": "匹配上的", "others": "其余", "smd": "标准化均值差", "is_notable": "差别明显", "n_others": "其余客户数", "n_decided": "首先靠它对上", "tier": "可信程度", "outcome": "结果", "margin": "按什么", "group": "人群", "n_respondents": "答卷数", "share_of_respondents": "答卷占比", "share_of_weights": "加权后占比", "check": "检查", "points": "分数", "meaning": "检查什么", "doubt": "可疑分", "reasons": "理由", "duration_s": "用时（秒）", "is_customer": "有购买为证", "is_left_out": "已排除", "n_flagged": "有可疑之处", "share_flagged": "可疑占比", "n_doubtful": "可疑分高", "n_left_out": "已排除份数", "match_rate": "匹配率", "n_only_in_base": "没有表达过的客户",
    "share_of_revenue": "金额占比", "status": "状态",
    "n_missing": "未答", "n_shown": "看到本题", "n_refused": "拒答", "n_not_asked": "未被问到", "mean": "均值", "sd": "标准差", "median": "中位数", "top2_share": "最高两分占比（T2B）", "any_share": "至少选一项的占比", "nps": "NPS（净推荐值）", "nps_margin": "NPS 误差（±）", "flag": "小样本标记", "effective_base": "有效基数",
    "share_of_ticks": "占全部勾选的比例", "mean_rank": "平均名次", "rest_share": "其余人的占比", "share_difference": "与其余人之差（百分点）", "p_value": "p 值", "top_segment": "显著较高的人群", "words": "占比与字母",
    "n_topics": "主题数", "coherence": "词语一致性（NPMI）", "stability": "稳定性", "diversity": "代表词不重复比例", "silhouette": "轮廓系数", "score": "得分",
    "measure": "指标", "judgement": "评价", "advice": "建议", "term_frequency": "提到次数", "tf_idf": "TF-IDF", "share_rest": "其他人的占比", "base_rest": "其他人的基数",
    "z": "z 值", "log_odds": "对数优势比", "g2": "G²（对数似然比）", "log_ratio": "对数比（log₂）", "q_value": "q 值（校正后）",
    "month": "月份", "amount": "金额（元）", "issue": "问题", "reason": "原因", "action": "处理", "value": "原值", "file": "文件", "line": "行号",
    "person": "谁", "region": "地区", "product": "商品", "category": "品类", "quantity": "数量", "ordered_at": "下单时间", "document": "文档", "rating": "评分", "said_at": "时间",
    "largest_order_amount": "最高单笔（元）", "threshold_amount": "门槛（元）", "cut": "划线位置", "definition": "定义", "n_shared": "与现在的定义相同的人数", "share_of_chosen": "占现在高客单的比例",
    "feature": "项目", "first_share": "甲组占比", "second_share": "乙组占比", "n_first": "甲组人数", "n_second": "乙组人数", "first_mean": "甲组均值", "second_mean": "乙组均值", "first_median": "甲组中位数", "second_median": "乙组中位数",
    "effect": "效应量", "effect_size": "差异大小", "pair_difference": "两组之差（百分点）", "low_difference": "差异 95% 下限（百分点）", "high_difference": "差异 95% 上限（百分点）",
})  # fmt: skip
