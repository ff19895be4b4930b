"""A seeded example study: orders, a questionnaire, reviews, interviews and a log of the same invented people.

Planted effects, which the tests recover
----------------------------------------
- 专属客服与售后响应 is raised by about 55 % of the high-ticket customers and 12 % of the others.
- 优惠券与满减活动 is raised by about 15 % of the high-ticket customers and 50 % of the others.
- The half of each kind that stayed away longest raises the need of its kind (service of high-ticket
  customers, discounts of the others) more than five times as often as the other half: what is at stake can be seen.
- 环保与密封包装 is raised by 30 % of everybody: no segment differs.
- The high-ticket fifth of the customers brings more than half of the money.
- 618 and 双 11 lift the orders of June and November.
- 曼特宁 250g and 云南小粒 500g are bought together: a second bag of beans is the other of the two.
- About 40 % of the tasters have a last day, after which they buy no more; nobody else leaves.
- Tasters buy about 70 % of their orders on discount, regulars 30 %, high-ticket customers 10 %; in June
  and November a quarter more of all orders.
- 咖啡器具 comes back in 7 % of the lines, half of them 收到时破损; everything else in 3 %.
- A service is seen as its kind by about 70 % of the respondents: 24 小时内发货 must be there (M), 免费试饮装
  delights (A), 礼盒丝带 leaves cold (I), 一对一专属客服 is one-dimensional (O) to high-ticket customers and
  会员满减券 to the others.
- 客服响应 goes most with the overall satisfaction, then 新鲜程度; 包装 hardly. High-ticket customers find
  客服响应 important, the others 优惠力度; neither is satisfied with it.
- Of the visits to the online shop in which nothing is bought 34 % leave something in the cart, those
  of high-ticket customers 6 %: most of what they put aside they pay.
- About one respondent in eight gives no usable key and cannot be matched.
"""

from insight.demo.files import DemoFile, files

AUDIENCES = {
    "高额但不满售后": "消费>=5000 且 NPS<=6 且 提到 售后",
    "高额客户": "消费>=5000",
    "要优惠的人": "Q4=优惠券与满减活动 或 提到 优惠|满减",
}  # name -> rule on one line (see ``insight.audiences.writing``)

__all__ = ["AUDIENCES", "DemoFile", "files"]
