"""Identity columns become keyed tokens; what cannot serve as a key is listed with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from insight.clean.cleaned import EMPTIED, flag, together
from insight.clean.values import by_distinct, plain, words
from insight.distinct import distinct
from insight.identifiers import lost, repaired
from insight.privacy import masked_tokens, tokens
from insight.threads import at_once

_LABELS = {"customer_id": "客户编号", "phone": "手机号", "email": "邮箱", "nickname": "昵称"}


@dataclass(frozen=True, slots=True)
class Keys:
    """Identities of n rows, hashed.

    Attributes
    ----------
    frame : (n) key_customer_id, key_phone, … of the identities there are; beside key_phone the weak
        keys of masked phones, key_masked14 and key_masked34, which tell nobody by themselves
    best : (n) most trusted token of each row, null where it has none
    issues : cells that hold something, but no key
    """

    frame: pl.DataFrame
    best: pl.Series
    issues: pl.DataFrame


def keys(frame: pl.DataFrame, identities: Mapping[str, str], *, secret: bytes) -> Keys:
    """Hash the identity columns of ``frame``.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    identities : role ("customer_id", "phone", "email", "nickname") -> raw column, best first
    """

    def made(role: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        rows = frame.select("__line__", identities[role])
        found = _hashed(rows[identities[role]], role, secret=secret)
        return found, _unusable(rows, found[f"key_{role}"], role=role)

    each = list(at_once(made, identities))
    hashed = pl.DataFrame([column for found, _ in each for column in found])
    strong = [f"key_{role}" for role in identities]
    nobody = pl.Series("key", [None] * frame.height, dtype=pl.String)
    best = hashed.select(pl.coalesce(strong).alias("key")).to_series() if identities else nobody
    return Keys(hashed.select(*strong, pl.exclude(strong)), best, together([issues for _, issues in each]))  # fmt: skip


def _hashed(values: pl.Series, role: str, *, secret: bytes) -> pl.DataFrame:
    """(n) key_<role>, and the weak keys of phones; each different value is looked at once."""
    known, which = distinct(values)
    found = [tokens(known, role, secret=secret).alias(f"key_{role}")]
    found += masked_tokens(known, secret=secret).get_columns() if role == "phone" else []
    return pl.DataFrame([keys.gather(which) for keys in found])


def _unusable(frame: pl.DataFrame, token: pl.Series, *, role: str) -> pl.DataFrame:
    """Issues of the cells that hold something, but no key."""
    column = frame.columns[1]
    lost = frame.filter(token.is_null() & frame[column].is_not_null())
    veiled = lost.select("__line__", veiled_ends(pl.col(column)))
    lost = veiled.with_columns(reason=by_distinct(words(lost[column]), lambda v: _reasons(v, role)))
    return flag(
        lost, pl.col("reason").is_not_null(), column=column, reason=pl.col("reason"), action=EMPTIED
    )


def veiled_ends(value: pl.Expr) -> pl.Expr:
    """The ends of a value; a number that lost its digits tells nothing and is shown."""
    tells = (value.str.len_chars() > 6) & ~value.str.contains(r"[eE]\+")
    ends = pl.concat_str(value.str.head(3), pl.lit("***"), value.str.tail(2))
    return pl.when(tells).then(ends).otherwise(value).name.keep()


def _reasons(values: pl.Series, role: str) -> pl.Series:
    """Why each value is no key; null for words that only say "nobody"."""
    label, text = _LABELS[role], plain(values)
    virtual = pl.when(text.str.contains(r"^['’]?1\d{10}\s*(?:[_,，转-]|转接)\s*\d{2,6}$")).then(
        pl.lit("隐私号不是买家本人的号码，无法匹配")
    )
    whole = repaired(values)
    several = pl.lit(role == "phone") & text.str.contains(r"1[3-9]\d{9}\D+1[3-9]\d{9}")
    cut = pl.lit(whole.str.contains(r"^\d{16,}$").fill_null(value=False))
    gone = pl.lit(lost(whole))
    why = (
        pl.when(gone & cut)
        .then(pl.lit(f"{label}超过 15 位，末尾数字已被表格软件改成 0，不可恢复，无法匹配"))
        .when(gone)
        .then(pl.lit(f"{label}是科学计数法，末尾数字已丢失，不可恢复，无法匹配，请按文本重新导出"))
        .when(several)
        .then(pl.lit("一格里有多个手机号，不知道是谁的，无法匹配"))
        .when(text.str.contains(r"\*"))
        .then(
            pl.lit(f"{label}已打码，无法精确匹配{'，只作为弱线索保留' if role == 'phone' else ''}")
        )
        .otherwise(virtual if role == "phone" else pl.lit(None, pl.String))
    )
    invalid = f"不是有效的{label}，无法匹配" if role in {"phone", "email"} else None
    return pl.select(pl.coalesce(why, pl.lit(invalid, pl.String)).alias(values.name)).to_series()
