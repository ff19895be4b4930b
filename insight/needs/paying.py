"""The prices that people call acceptable, over the prices that customers of their segment really paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.stats.price_points import price_curves, price_points
from insight.stats.proportions import Floats

POINTS = ("pmc", "opp", "idp", "pme")
PLACES = ("below", "inside", "above")  # of a paid price, beside the acceptable range
OWN = ("低于自己说的“便宜”", "在自己说的“便宜”到“贵”之间", "高于“贵”，不到“太贵”", "达到或高于自己说的“太贵”")  # fmt: skip
_CENTS, _THOUSANDTHS = 100, 1_000


@dataclass(frozen=True, slots=True)
class Paid:
    """What the customers of one segment paid, customer by customer.

    Attributes
    ----------
    price : (n_prices) [CNY] ascending
    of : (n) where each row's price stands in ``price``
    buyer : (n) the number of its customer, 0 ...
    pieces : (n) how many were bought at it
    n_buyers : customers
    """

    price: Floats
    of: NDArray[np.intp]
    buyer: NDArray[np.intp]
    pieces: Floats
    n_buyers: int

    def counts(self, drawn: Floats | None = None) -> Floats:
        """(n_prices) pieces at each price, each customer's as often as ``drawn`` (n_buyers) says."""
        pieces = self.pieces if drawn is None else self.pieces * drawn[self.buyer]
        return np.bincount(self.of, pieces, minlength=len(self.price)).astype(np.float64)


def paid_by(prices: pl.DataFrame, customers: pl.Series | None = None) -> Paid:
    """What these customers, or everybody, paid.

    Parameters
    ----------
    prices : (n) customer_id, price [cents], n [thousandths], as ``ledger.prices_by`` gives them
    """
    own = prices if customers is None else prices.join(customers.to_frame("customer_id"), on="customer_id", how="semi")  # fmt: skip
    own = own.sort("customer_id", "price")
    price, of = np.unique(own["price"].to_numpy() / _CENTS, return_inverse=True)
    buyers, buyer = np.unique(own["customer_id"].cast(pl.String).to_numpy(), return_inverse=True)
    return Paid(price, of, buyer, own["n"].to_numpy() / _THOUSANDTHS, len(buyers))


def middle(price: Floats, counts: Floats, share: float) -> float | None:
    """The smallest price that at least this share of the pieces was sold at or below."""
    if not counts.sum() > 0:
        return None
    reached = np.cumsum(counts) / counts.sum()
    return float(price[min(int(np.searchsorted(reached, share - 1e-12)), len(price) - 1)])


def placed_shares(price: Floats, counts: Floats, *, low: float, high: float) -> Floats:
    """(3) the share of the pieces below, inside [bounds included] and above the range."""
    below, above = float(counts[price < low].sum()), float(counts[price > high].sum())
    total = float(counts.sum())
    return np.array([below, total - below - above, above]) / total


@dataclass(frozen=True, slots=True)
class Said:
    """The four prices of those who answered usably (n x 4), and their weights (n)."""

    answers: Floats
    weight: Floats


def range_beside(
    said: Said, paid: Paid, *, narrow: bool, draws: int, seed: int
) -> dict[str, float | None]:
    """One segment's acceptable range beside what it paid.

    Parameters
    ----------
    narrow : as ``price_points``
    draws : bootstrap samples of the people who answered and, beside them, of those who bought

    Returns
    -------
    pmc, opp, idp, pme [CNY]; below_share, inside_share, above_share of the pieces, each with its 95 % interval
        (…_low_share, …_high_share), which holds what is not known of the range, too; None where the curves
        do not cross
    """
    known = dict(price_points(price_curves(said.answers, weight=said.weight), narrow=narrow))
    found: dict[str, float | None] = dict(known)
    names = [f"{place}_share" for place in PLACES]
    bounds = [f"{place}_{end}_share" for place in PLACES for end in ("low", "high")]
    low, high = known["pmc"], known["pme"]
    if low is None or high is None or not paid.n_buyers:
        return found | dict.fromkeys([*names, *bounds])
    shares = placed_shares(paid.price, paid.counts(), low=low, high=high)
    drawn = _drawn(said, paid, narrow=narrow, draws=draws, seed=seed)
    ends: list[float | None] = [None] * len(bounds)
    if 2 * len(drawn) >= draws:
        ends = [float(v) for v in np.percentile(drawn, (2.5, 97.5), axis=0).T.ravel()]
    return found | dict(zip(names, map(float, shares), strict=True)) | dict(zip(bounds, ends, strict=True))  # fmt: skip


def _drawn(said: Said, paid: Paid, *, narrow: bool, draws: int, seed: int) -> Floats:
    """(<= draws x 3) the shares in samples of both; samples whose curves do not cross are left out."""
    rng, n = np.random.default_rng(seed), len(said.answers)
    order = np.lexsort((said.weight, *said.answers.T))
    answers, weight = said.answers[order], said.weight[order]
    rows = []
    for _ in range(draws):
        picked = rng.integers(n, size=n)
        buyers = np.bincount(rng.integers(paid.n_buyers, size=paid.n_buyers), minlength=paid.n_buyers)  # fmt: skip
        points = price_points(price_curves(answers[picked], weight=weight[picked]), narrow=narrow)
        low, high = points["pmc"], points["pme"]
        if low is not None and high is not None:
            counts = paid.counts(buyers.astype(np.float64))
            rows.append(placed_shares(paid.price, counts, low=low, high=high))
    return np.array(rows).reshape(-1, len(PLACES))


def histogram(paid: Paid, edges: Floats) -> pl.DataFrame:
    """(n_bins) price_from, price_to [CNY], n_pieces, share; the last bin holds its upper edge and what is dearer."""
    at = np.clip(np.searchsorted(edges, paid.price, side="right") - 1, 0, len(edges) - 2)
    pieces = np.bincount(at, weights=paid.counts(), minlength=len(edges) - 1)
    total = pieces.sum()
    return pl.DataFrame({
        "price_from": edges[:-1], "price_to": edges[1:], "n_pieces": pieces, "share": pieces / (total if total else np.nan),
    }).with_columns(pl.col("share").fill_nan(None))  # fmt: skip


def own_places(answers: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """Where what each respondent usually pays stands among the prices they named themselves.

    Parameters
    ----------
    answers : (n) customer_id [unique], cheap, expensive, too_expensive [CNY]
    prices : as for ``paid_by``

    Returns
    -------
    (n_matched) customer_id, paid_price [CNY, the median of their pieces], outcome [of ``OWN``]; sorted
    """
    own = prices.join(answers.select("customer_id"), on="customer_id", how="semi").sort("customer_id", "price")  # fmt: skip
    reached = pl.col("n").cum_sum() * 2 >= pl.col("n").sum()
    usual = own.group_by("customer_id", maintain_order=True).agg(paid_price=pl.col("price").filter(reached).first() / _CENTS)  # fmt: skip
    both = answers.join(usual, on="customer_id").sort("customer_id")
    price = pl.col("paid_price")
    outcome = (
        pl.when(price < pl.col("cheap")).then(pl.lit(OWN[0]))
        .when(price <= pl.col("expensive")).then(pl.lit(OWN[1]))
        .when(price < pl.col("too_expensive")).then(pl.lit(OWN[2]))
        .otherwise(pl.lit(OWN[3]))
    )  # fmt: skip
    return both.select("customer_id", "paid_price", outcome=outcome)


def named_category(wordings: Sequence[str], categories: Sequence[str]) -> str:
    """The category that the questions name: the longest one; "" where they name none."""
    said = "".join(wordings)
    return max((one for one in categories if one and one in said), key=lambda c: (len(c), c), default="")  # fmt: skip
