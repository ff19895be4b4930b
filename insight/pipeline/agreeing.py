"""What was agreed for a study, on the screen and the command line: its end, its topic, and its deletion afterwards."""

from __future__ import annotations

from datetime import date

from insight import access
from insight import study as store
from insight.errors import NotExpired
from insight.settings import settings
from insight.study import Study, Terms
from insight.wording import count

WARNED = 30  # days before the end
FEWEST, FEWEST_SENSITIVE = 5, 10


def terms(study: Study) -> Terms:
    """Until when the data may be kept, and whether the topic is sensitive."""
    return store.terms(study)


def agree(study: Study, new: Terms) -> None:
    """Put other terms in the place of the former (NotAllowed)."""
    access.demand("manage")
    store.agree(study, new, who=access.actor().name)


def fewest(study: Study) -> int:
    """How many people a figure must stand for before it leaves the tool."""
    return FEWEST_SENSITIVE if store.terms(study).sensitive else FEWEST


def end_in_words(study: Study) -> str:
    """What is to be said of the end of a study from 30 days before it on; "" before that."""
    left = store.days_left(study, today=date.today())
    if left is None or left > WARNED:
        return ""
    last = store.terms(study).expires
    if left < 0:
        return f"保存期到 {last} 为止，已经过了。现在只能查看和删除，不能修改。"
    return (
        f"保存期到 {last} 为止，还有 {count(left)} 天。"
        if left
        else f"今天（{last}）是保存期的最后一天。"
    )


def is_over(study: Study) -> bool:
    """Whether the last agreed day is over, so that nothing may be changed."""
    left = store.days_left(study, today=date.today())
    return left is not None and left < 0


def purge(study: Study) -> None:
    """Delete a study whose time is over, with its key; a backup elsewhere is not reached.

    Only the clock of this moment counts, so that one that once ran ahead deletes nothing.

    Raises
    ------
    NotExpired : its last day is not over, or none was agreed.
    NotAllowed : whoever acts may not.
    """
    access.demand("manage")
    last = store.terms(study).expires
    if last is None or date.today() <= last:
        raise NotExpired(last)
    store.destroy(study, key=store.key_path(study, settings().keys_dir))
