"""What a cluster of customers is called: the two features in which it is furthest from everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

PLAIN = "中间型"  # as everybody in every feature
LEAST_Z, MOST_WORDS = 0.3, 2
_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "days_since_last": ("近期活跃", "久未购买"), "n_orders": ("低频", "高频"), "spend": ("低消费", "高消费"),
    "average_order_value": ("小单", "大单"), "n_categories": ("单一品类", "多品类"),
})  # fmt: skip


def proposed_names(profiles: Sequence[Mapping[str, float]]) -> tuple[str, ...]:
    """A name for each cluster.

    Parameters
    ----------
    profiles : of each cluster, feature -> mean z score

    Returns
    -------
    words of the two features with the largest |z| from .3 on, in the order of the features; clusters
        that would share a name get a further word each, and a number where that does not part them

    >>> proposed_names([{"n_orders": 1.2, "spend": 0.9}, {"n_orders": -0.2, "spend": 0.1}])
    ('高频·高消费', '中间型')
    """
    names = [_name(profile, MOST_WORDS) for profile in profiles]
    most = max((len(profile) for profile in profiles), default=0)
    for n_words in range(MOST_WORDS + 1, most + 1):
        shared = {name for name in names if names.count(name) > 1}
        names = [
            _name(p, n_words) if n in shared else n for n, p in zip(names, profiles, strict=True)
        ]
    return tuple(
        f"{name}{names[: at + 1].count(name)}" if names.count(name) > 1 else name
        for at, name in enumerate(names)
    )


def _name(profile: Mapping[str, float], n_words: int) -> str:
    far = sorted(profile, key=lambda feature: -abs(profile[feature]))[:n_words]
    told = [_WORDS[f][profile[f] > 0] for f in profile if f in far and abs(profile[f]) >= LEAST_Z]
    return "·".join(told) or PLAIN
