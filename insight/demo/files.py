"""The files of the example study, in the formats that shops and survey platforms really export."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import docx
import numpy as np
import xlsxwriter

from insight.archive import timeless
from insight.demo import opinions
from insight.demo import visits as visits_in
from insight.demo.chance import one_of
from insight.demo.orders import HEADER, bought, orders
from insight.demo.people import CHANNELS, PLACES, Person, people, with_troubles

MADE = datetime(2026, 3, 1)  # written into the files, so that the same seed gives the same bytes


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A file as the user would have it."""

    name: str
    data: bytes


def files(
    *, seed: int = 20260301, n_customers: int = 3_000, n_respondents: int = 640, n_reviews: int = 0
) -> tuple[DemoFile, ...]:
    """Make the example study's files.

    Parameters
    ----------
    seed : same seed, same bytes
    n_customers, n_respondents, n_reviews : how many buy, answer and review; 0 reviews = as many as answer

    Returns
    -------
    orders (csv), questionnaire (问卷星 按文本, xlsx), reviews (csv), twelve interviews (docx),
        what they did in the online shop (csv)
    """
    rng = np.random.default_rng(seed)
    everyone = people(rng, n=n_customers)
    answering, reviewing = (
        rng.choice(n_customers, size=n, replace=False)
        for n in (n_respondents, n_reviews or n_respondents)
    )
    lines = orders(rng, everyone)
    visiting, troubling = rng.spawn(2)
    everyone = with_troubles(troubling, everyone, bought(lines))
    asked, speaking = ([everyone[i] for i in chosen] for chosen in (answering, reviewing))
    talking = [p for p in everyone if p.needs and p.kind == "high_ticket"][:6]
    talking += [p for p in everyone if p.needs and p.kind != "high_ticket"][:6]
    return (
        DemoFile("订单明细.csv", _csv(HEADER, lines)),
        DemoFile("会员需求问卷_按文本.xlsx", _xlsx(_SURVEY, _answers(rng, asked))),
        DemoFile("商品评价.csv", _csv(_REVIEWS, _reviews(rng, speaking))),
        *(_interview(rng, i, person) for i, person in enumerate(talking, start=1)),
        DemoFile(
            "线上行为记录.csv", _csv(visits_in.HEADER, visits_in.visits(visiting, everyone, lines))
        ),
    )


_SURVEY = (
    "序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP", "1、您的会员号", "2、您的性别", "3、您的年龄段",
    "4、您最希望我们改进哪些方面？", "5、您购买咖啡时看重哪些因素？", "6、您对我们的总体满意度（1-5分）",
    "7、您有多大可能向朋友推荐我们（0-10分）？", "8、您还有哪些需要或建议？",
    *opinions.header(9),
)  # fmt: skip
_OVERALL = 11  # the column of the overall satisfaction
_REVIEWS = ("评论编号", "会员号", "评论时间", "评论内容", "评分")


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def _say(rng: np.random.Generator, theme: str) -> str:
    words = _words()
    own = next(t for t in words["theme"] if t["key"] == theme)
    slots = {"subject": own["subjects"], "trouble": own["troubles"], "wish": own["wishes"]}
    slots |= {"open": words["open"], "end": words["end"]}
    chosen = {name: one_of(rng, choices) for name, choices in slots.items()}
    return str(one_of(rng, words["patterns"])).format(**chosen)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": MADE})
        sheet = book.add_worksheet("Sheet1")
        for i, row in enumerate((header, *rows)):
            sheet.write_row(i, 0, row)
    return buffer.getvalue()


def _joined(rng: np.random.Generator, chosen: Iterable[str]) -> str:
    parts = [str(c) for c in chosen]
    rng.shuffle(parts)
    return "┋".join(parts) or "(空)"


_FACTORS = ("口味", "价格", "品牌口碑", "朋友推荐", "商品详情页", "物流速度")


def _answers(rng: np.random.Generator, asked: Sequence[Person]) -> list[list[object]]:
    rows = [_answer(rng, i, person) for i, person in enumerate(asked, start=1)]
    own = rng.spawn(1)[0]  # what is drawn here changes none of the other files
    return [
        [*row, *opinions.opinions(own, is_high_ticket=person.kind == "high_ticket", overall=int(str(row[_OVERALL])))]
        for row, person in zip(rows, asked, strict=True)
    ]  # fmt: skip


def _answer(rng: np.random.Generator, i: int, person: Person) -> list[object]:
    options = {t["key"]: t["option"] for t in _words()["theme"]}
    submitted = datetime(2026, 2, 1, 9) + timedelta(minutes=int(rng.integers(0, 20_000)))
    unhappy = len(person.needs) >= 3 or "service" in person.needs
    satisfaction = int(
        rng.choice(
            [1, 2, 3, 4, 5],
            p=[0.08, 0.2, 0.34, 0.28, 0.1] if unhappy else [0.02, 0.06, 0.2, 0.44, 0.28],
        )
    )
    recommend = int(np.clip(round(rng.normal(2 * satisfaction - 0.5, 1.5)), 0, 10))
    factors = [f for f in _FACTORS if rng.random() < (0.55 if f == "口味" else 0.35)]
    member = _typed_member(rng, person)
    province, city = PLACES[person.place]
    return [
        i, f"{submitted:%Y/%m/%d %H:%M:%S}", f"{int(np.clip(rng.normal(190, 60), 35, 600))}秒", "微信", "", f"203.0.113.{1 + i % 250}({province}-{city})",
        member, person.gender, person.age, _joined(rng, (options[n] for n in person.needs)), _joined(rng, factors),
        satisfaction, recommend, _open_answer(rng, person),
    ]  # fmt: skip


def _typed_member(rng: np.random.Generator, person: Person) -> str:
    """What people really type into the field for their member number."""
    luck = rng.random()
    if luck < 0.08:
        return "(空)"
    if luck < 0.12:
        return "不记得了"
    return person.member.lower() if luck < 0.3 else person.member


def _open_answer(rng: np.random.Generator, person: Person) -> str:
    if not person.needs or rng.random() < 0.15:
        return str(one_of(rng, _words()["nothing"]["sentences"]))
    return "".join(_say(rng, need) for need in person.needs[:2])


def _reviews(rng: np.random.Generator, speaking: Sequence[Person]) -> list[list[object]]:
    rows: list[list[object]] = []
    for i, person in enumerate(speaking, start=1):
        at = datetime(2025, 9, 1) + timedelta(hours=int(rng.integers(0, 4_200)))
        text = _say(rng, one_of(rng, person.needs)) if person.needs else "喝着不错，会回购。"
        score = int(rng.integers(2, 5)) if person.needs else 5
        rows.append([f"R{i:05d}", person.member, f"{at:%Y-%m-%d %H:%M}", text, score])
    return rows


def _interview(rng: np.random.Generator, i: int, person: Person) -> DemoFile:
    """A transcript: the member number on top, then moderator and participant in turns."""
    document = docx.Document()
    document.core_properties.created = document.core_properties.modified = MADE
    document.add_paragraph(f"会员号：{person.member}")
    document.add_paragraph("主持人：您好，感谢参加今天的访谈，先聊聊您平时怎么买咖啡？")
    document.add_paragraph(
        f"受访者：我一般在{CHANNELS[i % len(CHANNELS)]}买，主要是自己喝，也会送朋友。"
    )
    for need in person.needs:
        document.add_paragraph(f"主持人：{one_of(rng, _PROBES)}")
        document.add_paragraph(f"受访者：{_say(rng, need)}{_say(rng, need)}")
    document.add_paragraph("主持人：还有什么想补充的吗？")
    document.add_paragraph("受访者：暂时没有了，谢谢。")
    buffer = io.BytesIO()
    document.save(buffer)
    return DemoFile(f"访谈_P{i:02d}.docx", timeless(buffer.getvalue()))


_PROBES = (
    "有没有哪次体验让您不太满意？",
    "您觉得我们最需要改进的是什么？",
    "能具体说说当时的情况吗？",
    "如果可以改一件事，您希望是什么？",
)
