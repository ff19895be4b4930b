"""The canonical tables: their grain, columns, types, Chinese labels and header aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What the values of a canonical column are."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"  # Int64 seconds since 1970-01-01 00:00 of the shop's local clock
    IDENTITY = "identity"  # hashed on the way in; never stored in the clear
    NETWORK = "network"  # an IP address: hashed too, but many people share one, so it is no key


@dataclass(frozen=True, slots=True)
class Column:
    """One role that a raw column can play in a canonical table."""

    name: str
    label: str
    kind: Kind
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table: its grain, its roles, and which of them it cannot do without.

    ``part_of`` names the table that its rows become part of; "" where it stands for itself.
    """

    name: str
    label: str
    grain: str
    columns: tuple[Column, ...]
    required: tuple[str, ...]
    part_of: str = ""

    def column(self, name: str) -> Column | None:
        """The role called ``name``, or None."""
        return next((c for c in self.columns if c.name == name), None)


# Header aliases are compared after ``fold``: case, spaces, punctuation and a unit in brackets are ignored.
IDENTITIES = (
    Column("customer_id", "客户编号", Kind.IDENTITY, (
        "customer_unique_id", "customer_id", "customerid", "cust_id", "custid", "customer", "member_id", "memberid", "user_id",
        "userid", "uid", "buyer_id", "客户id", "客户编号", "客户号", "客户代码", "会员号", "会员编号", "会员id",
        "会员卡号", "用户id", "用户编号", "买家id", "买家会员名", "下单帐号", "下单账号", "顾客编号", "顾客id",
        "externalreference", "external_reference", "customdata1", "sojumpparm", "household_id",
        "客户编码", "会员编码", "会员账号", "买家账号", "openid", "unionid",
    )),
    Column("phone", "手机号", Kind.IDENTITY, (
        "买家手机号", "phone", "mobile", "tel", "手机", "手机号", "手机号码", "联系手机", "联系电话", "电话",
        "会员手机号", "您的手机号", "注册手机号", "电话号码", "行动电话",
    )),
    Column("email", "邮箱", Kind.IDENTITY, ("emailaddress", "e-mail", "邮箱", "电子邮箱", "邮箱地址", "电子邮件", "电子信箱")),
)  # fmt: skip

_PAID_AT = (
    "paid_at", "paid at", "订单付款时间", "付款时间", "支付时间", "支付完成时间", "买家付款时间", "付款确认时间", "成交时间", "订单成交时间",
)  # fmt: skip

ORDERS = Table(
    "orders", "订单", "一行一个订单商品",
    (
        *IDENTITIES,
        Column("nickname", "买家昵称", Kind.IDENTITY, ("nickname", "买家昵称", "昵称", "微信昵称")),
        Column("order_id", "订单号", Kind.TEXT, (
            "order_id", "orderid", "orderno", "order_no", "invoice", "invoiceno", "invoice_no", "basket_id",
            "transaction_id", "订单id", "订单号", "订单编号", "主订单编号", "单号", "交易号", "name",
        )),
        Column("ordered_at", "下单时间", Kind.TIME, (
            "ordered_at", "order_date", "orderdate", "order_time", "invoicedate", "invoice_date", "created at",
            "order_purchase_timestamp", "transaction_timestamp", "purchase_date", "date",
            "订单日期", "下单时间", "下单日期", "订单创建时间", "订单时间", "订单提交时间", "购买时间", "购买日期", "订购时间", "订购日期", "交易时间",
            "交易日期", "消费时间", "消费日期", "日期", "时间", *_PAID_AT,
        )),
        Column("paid_at", "付款时间", Kind.TIME, _PAID_AT),
        Column("created_at", "创建时间", Kind.TIME, ("created_at", "创建时间", "订单创建时间", "订单提交时间")),
        Column("amount", "实付金额", Kind.NUMBER, (
            "amount", "sales", "sales_value", "revenue", "total", "paid", "payment_value", "net_amount",
            "销售额", "金额", "实付金额", "实付", "支付金额", "付款金额", "买家实际支付金额", "买家实付金额",
            "订单实付金额", "用户实付金额", "消费金额", "成交金额", "订单金额", "总金额", "应付金额", "订单应付金额",
            "实收金额", "实付款", "实际支付金额", "实际付款金额", "交易金额", "paid_amount", "pay_amount", "order_amount", "total_amount",
        )),
        Column("order_paid", "整单实付金额", Kind.NUMBER),
        Column("refund", "退款金额", Kind.NUMBER, ("refund", "refunded amount", "退款金额", "订单已退款金额", "已退款金额")),
        Column("quantity", "数量", Kind.NUMBER, (
            "quantity", "qty", "lineitem quantity", "数量", "购买数量", "商品数量", "订购数量", "宝贝总数量", "件数",
        )),
        Column("unit_price", "单价", Kind.NUMBER, ("unit_price", "unitprice", "price", "lineitem price", "单价", "价格", "商品单价", "京东价")),
        Column("list_price", "标价", Kind.NUMBER, ("list_price", "原价", "标价", "吊牌价", "lineitem compare at price")),
        Column("discount", "折扣", Kind.NUMBER, ("discount", "折扣", "优惠金额", "折扣金额", "discount amount", "店铺优惠合计", "retail_disc")),
        Column("cost", "成本", Kind.NUMBER, ("cost", "成本", "采购价", "成本价")),
        Column("profit", "利润", Kind.NUMBER, ("profit", "利润", "毛利")),
        Column("product", "商品", Kind.TEXT, (
            "product", "product_name", "description", "item", "sku", "stockcode", "lineitem name", "产品名称",
            "商品", "商品名称", "品名", "商品标题", "宝贝标题", "标题", "选购商品", "全部商品名称", "产品id", "商品id", "product_id",
        )),
        Column("sku", "商品编码", Kind.TEXT, (
            "sku", "sku_id", "lineitem sku", "stockcode", "product_id", "商品编码", "商品编号", "商品id", "产品id", "商家skuid", "商家编码", "规格编码", "货号",
        )),
        Column("line_id", "子订单号", Kind.TEXT, ("line_id", "order_item_id", "子订单编号", "子订单号", "子订单id", "订单明细编号", "订单行号")),
        Column("category", "品类", Kind.TEXT, ("category", "product_category", "类别", "品类", "类目", "商品类目", "产品类别", "商品分类", "department")),
        Column("channel", "渠道", Kind.TEXT, ("channel", "渠道", "订单渠道", "订单来源", "来源渠道", "流量来源", "购买渠道", "sales_channel")),
        Column("region", "地区", Kind.TEXT, ("region", "country", "province", "state", "省份", "省", "省/自治区", "地区", "区域", "大区", "收货人省份", "县市", "省份县市", "customer_state", "shipping province", "收货地址")),
        Column("city", "城市", Kind.TEXT, ("city", "城市", "市", "收货人城市", "customer_city")),
        Column("status", "订单状态", Kind.TEXT, ("status", "order_status", "订单状态", "financial status", "交易状态")),
        Column("after_sale", "售后状态", Kind.TEXT, ("after_sale", "售后状态", "退款状态", "订单退款状态", "refund status")),
        Column("refunded_at", "退款时间", Kind.TIME, ("refunded_at", "refunded at", "退款时间", "退款完成时间", "退货时间", "退货日期", "退款日期")),
        Column("refund_reason", "退款原因", Kind.TEXT, ("refund_reason", "return reason", "退款原因", "退货原因", "售后原因", "退货理由", "退款理由")),
        Column("promotion", "促销", Kind.TEXT, ("promotion", "coupon", "活动", "促销", "优惠券", "discount code", "优惠券码名称")),
    ),
    ("ordered_at", "amount"),
)  # fmt: skip

_OF_A_LINE = (
    "order_id", "amount", "quantity", "unit_price", "list_price", "cost", "product", "sku", "line_id", "category",
    "status", "after_sale",
)  # fmt: skip

ORDER_LINES = Table(
    "order_lines", "订单明细", "一行一个商品，买家和时间在订单列表里",
    tuple(c for c in ORDERS.columns if c.name in _OF_A_LINE),
    ("order_id", "product"),
    part_of="orders",
)  # fmt: skip

ORDER_RETURNS = Table(
    "order_returns", "退货清单", "一行一个退了的订单，订单本身在订单列表里",
    (
        *(c for c in ORDERS.columns if c.name in ("order_id", "refund", "refunded_at", "refund_reason")),
        Column("returned", "是否退货", Kind.TEXT, ("returned", "return", "is_returned", "退回", "是否退货", "是否退回", "是否退款", "退货", "已退货")),
    ),
    ("order_id",),
    part_of="orders",
)  # fmt: skip

CUSTOMERS = Table(
    "customers", "客户", "一行一位客户",
    (
        *IDENTITIES,
        Column("gender", "性别", Kind.TEXT, ("gender", "sex", "性别")),
        Column("age", "年龄", Kind.NUMBER, ("age", "年龄")),
        Column("birth_date", "出生日期", Kind.TIME, ("birth_date", "birthday", "生日", "出生日期")),
        Column("region", "地区", Kind.TEXT, ("region", "province", "state", "country", "省份", "省", "地区", "区域", "所在地区", "县市", "省份县市", "居住县市", "所在县市")),
        Column("city", "城市", Kind.TEXT, ("city", "城市", "所在城市")),
        Column("level", "会员等级", Kind.TEXT, ("level", "tier", "会员等级", "等级", "会员级别")),
        Column("consent", "营销同意", Kind.TEXT, (
            "consent", "marketing_consent", "accepts_marketing", "opt_in", "营销同意", "同意营销", "是否同意营销", "是否接收营销信息", "接收营销", "营销授权",
        )),
        Column("joined_at", "入会时间", Kind.TIME, ("joined_at", "registered_at", "signup_date", "注册时间", "注册日期", "入会时间", "入会日期", "user_reg_tm")),
    ),
    ("customer_id",),
)  # fmt: skip

RESPONSES = Table(
    "responses", "问卷", "一行一份答卷",
    (
        *IDENTITIES,
        Column("respondent_id", "答卷编号", Kind.TEXT, (
            "respondent_id", "respondentid", "responseid", "序号", "编号", "答卷编号", "答题序号", "作答id", "答卷id", "id",
        )),
        Column("submitted_at", "提交时间", Kind.TIME, (
            "submitted_at", "提交答卷时间", "提交时间", "填答时间", "填写时间", "结束答题时间", "recordeddate", "enddate", "end date", "submitdate",
            "timestamp", "时间戳记",
        )),
        Column("started_at", "开始时间", Kind.TIME, ("started_at", "开始答题时间", "开始作答时间", "开始时间", "startdate", "start date")),
        Column("duration_s", "答题用时", Kind.NUMBER, ("duration_s", "所用时间", "答题时长", "作答时长", "duration (in seconds)", "duration_in_seconds")),
        Column("source", "来源", Kind.TEXT, ("source", "来源", "渠道来源")),
        Column("weight", "权重", Kind.NUMBER, ("weight", "权重", "加权系数")),
        Column("ip", "IP 地址", Kind.NETWORK, ("来自ip", "ip地址", "ip", "ip_address", "ipaddress", "ip address", "ipaddr")),
    ),
    (),
)  # fmt: skip

TEXTS = Table(
    "texts", "文本", "一行一段话",
    (
        *IDENTITIES,
        Column("text_id", "文本编号", Kind.TEXT, ("text_id", "评论编号", "评价编号", "评论id", "评价id", "review_id", "comment_id", "反馈编号")),
        Column("respondent_id", "答卷编号", Kind.TEXT, ("respondent_id", "答卷编号")),
        Column("text", "内容", Kind.TEXT, (
            "text", "review", "comment", "content", "评论内容", "评价内容", "评论", "评价", "反馈", "反馈内容", "意见", "建议",
            "意见反馈", "内容", "留言", "review_comment_message", "发言内容", "文本", "reviewbody",
            "review_text", "comment_text", "feedback", "评论正文", "评价详情", "用户评论", "意见建议",
        )),
        Column("question", "问题", Kind.TEXT, ("question", "问题", "题目")),
        Column("source", "来源", Kind.TEXT, ("source", "来源", "平台", "渠道")),
        Column("document", "文档", Kind.TEXT, ("document", "文档", "访谈编号")),
        Column("speaker", "说话人", Kind.TEXT, ("speaker", "说话人", "发言人")),
        Column("role", "身份", Kind.TEXT, ("role", "身份", "角色")),
        Column("said_at", "时间", Kind.TIME, ("said_at", "评论时间", "评价时间", "反馈时间", "review_creation_date", "时间", "日期", "date", "created_at")),
        Column("rating", "评分", Kind.NUMBER, ("rating", "star", "stars", "score", "评分", "星级", "打分", "review_score")),
        Column("category", "品类", Kind.TEXT, ("category", "cat", "品类", "类别")),
    ),
    ("text",),
)  # fmt: skip

DESIGNS = Table(
    "designs", "选择题设计", "一行一次展示的一个选项",
    (
        Column("version", "版本", Kind.TEXT, ("version", "block", "版本", "版本号", "问卷版本", "设计版本", "区组")),
        Column("task", "任务", Kind.NUMBER, ("task", "choice set", "choiceset", "screen", "任务", "任务号", "任务编号", "选择任务", "选择集", "题组", "屏")),
        Column("alternative", "备选项", Kind.NUMBER, (
            "alternative", "alt", "concept", "position", "备选项", "备选", "方案", "方案号", "选项号", "选项位置", "位置", "产品概念",
            "profile", "card", "轮廓", "轮廓号", "卡片", "卡片号", "产品卡", "概念卡",
        )),
        Column("item", "项目", Kind.TEXT, ("item", "项目", "条目", "卖点", "待测项")),
    ),
    (),
    part_of="responses",
)  # fmt: skip

EVENTS = Table(
    "events", "行为记录", "一行一次行为",
    (
        *IDENTITIES,
        Column("event", "行为", Kind.TEXT, (
            "event", "event_type", "event_name", "eventname", "action", "action_type", "behavior", "behavior_type", "behaviour_type", "行为",
            "行为类型", "行为名称", "用户行为", "事件", "事件类型", "事件名称", "动作", "操作", "操作类型", "触点", "触点类型",
        )),
        Column("event_at", "发生时间", Kind.TIME, (
            "event_at", "event_time", "eventtime", "action_time", "behavior_time", "timestamp", "ts", "time", "datetime", "发生时间", "行为时间",
            "事件时间", "操作时间", "动作时间", "访问时间", "触发时间", "时间", "日期", "时间戳", "date",
        )),
        Column("item", "商品", Kind.TEXT, (
            "item", "item_id", "itemid", "product_id", "sku_id", "sku", "goods_id", "商品id", "商品编号", "商品编码", "商品", "商品名称", "产品id", "宝贝id", "product",
        )),
        Column("session", "会话", Kind.TEXT, ("session", "session_id", "sessionid", "user_session", "visit_id", "会话", "会话id", "会话编号", "访问id", "访次")),
    ),
    ("event", "event_at"),
)  # fmt: skip

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        t.name: t
        for t in (ORDERS, ORDER_LINES, ORDER_RETURNS, CUSTOMERS, RESPONSES, TEXTS, DESIGNS, EVENTS)
    }
)
