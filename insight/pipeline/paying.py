"""The currency of a study: as its order files say or the user decided; all its money is written in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from insight import study as store
from insight.currency import CURRENCIES, YUAN, Currency, currency_of, paid_in
from insight.errors import BadParameter, TwoCurrencies
from insight.pipeline.changing import change, newest
from insight.schema import ORDERS
from insight.study import Recipe, Revision, Study


def paid(recipe: Recipe) -> Currency:
    """What the user decided, else the currency of the first order file that says one, else the yuan."""
    told = (recipe.currency, *(code for _, code in _of_files(recipe)))
    return next((known for code in told if (known := currency_of(code))), YUAN)


def currency(study: Study) -> Currency:
    """The currency of the orders of the newest revision."""
    return paid(store.head(study).recipe)


def own_currency(study: Study) -> str:
    """Code of the currency that the user decided; "" = as the order files say."""
    return store.head(study).recipe.currency


@contextmanager
def in_its_currency(study: Study) -> Iterator[None]:
    """Inside of it, money is written in the currency of the study."""
    with paid_in(currency(study)):
        yield


def set_currency(study: Study, code: str, *, parent: int | None = None) -> Revision:
    """Say in which currency the orders are; nothing is converted.

    Parameters
    ----------
    code : three letters (ISO 4217); "" = as the order files say
    parent : revision the user saw; default: the newest

    Raises
    ------
    BadParameter : no code of a currency.
    Conflict : somebody changed the study since ``parent``.
    """
    known = currency_of(code)
    if code and known is None:
        raise BadParameter("币种", f"“{code}”不是币种代码，应为三个字母，如 {'、'.join(list(CURRENCIES)[:5])}")  # fmt: skip
    before = newest(study, parent)
    note = f"金额的币种是{known.name}" if known else "金额的币种以订单文件为准"
    return change(study, before, note=note, currency=known.code if known else "")


def check_one_currency(study: Study) -> None:
    """Refuse to add up orders of files in several currencies (TwoCurrencies), unless the user said they are in one."""
    recipe = store.head(study).recipe
    if not recipe.currency and len({code for _, code in _of_files(recipe)}) > 1:
        raise TwoCurrencies(_of_files(recipe))


def _of_files(recipe: Recipe) -> list[tuple[str, str]]:
    """The order files that say a currency, and its code; but for those whose lines the user says were converted."""
    return [
        (one.name, one.currency)
        for one in recipe.sources
        if one.table == ORDERS.name and one.currency and one.decisions.rules.get("currency", True)
    ]
