"""A seeded example study: orders, a questionnaire, reviews and interviews of the same invented people.

Planted effects, which the tests recover
----------------------------------------
- 专属客服与售后响应 is raised by about 55 % of the high-ticket customers and 12 % of the others.
- 优惠券与满减活动 is raised by about 15 % of the high-ticket customers and 50 % of the others.
- 环保与密封包装 is raised by 30 % of everybody: no segment differs.
- The high-ticket fifth of the customers brings more than half of the money.
- 618 and 双 11 lift the orders of June and November.
- 曼特宁 250g and 云南小粒 500g are bought together: a second bag of beans is the other of the two.
- About one respondent in eight gives no usable key and cannot be matched.
"""

from insight.demo.files import DemoFile, files

__all__ = ["DemoFile", "files"]
