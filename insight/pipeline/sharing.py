"""What leaves the tool, by right: aggregates without small cells, lists of people under a token, and a line in the log.

What stays in the study is whole: the screen and the results that ``insight run`` writes for the analyst at
the machine show every figure that its analysis shows. What is made to be given away (report, book of tables, the
workbook or csv of a page) shows no cell of 1 to 4 people (of 1 to 9 where the topic is sensitive) and none that would
give one away. Lists of people, and the .sav with its row for every answer, leave by another right.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from insight import disclosure, exports
from insight.access import Right
from insight.analysis import Result
from insight.disclosure.tables import PERSONS
from insight.pipeline.agreeing import fewest
from insight.settings import settings
from insight.study import Study
from insight.units import table_label

AGGREGATE: Right = "export_aggregate"
ROWS: Right = "export_rows"


def outgoing(study: Study, result: Result) -> Result:
    """A result as a report may show it."""
    found = disclosure.shared(result, fewest=fewest(study), tiny=settings().tiny_base)
    return found.result


def right_of(table: pl.DataFrame) -> Right:
    """What it takes to carry a table off: another right where each of its rows is a person."""
    return ROWS if PERSONS & set(table.columns) else AGGREGATE


def outgoing_tables(
    study: Study, tables: Mapping[str, pl.DataFrame], *, with_people: bool
) -> dict[str, pl.DataFrame]:
    """The tables of a result as a workbook holds them; lists of people only for those who may have them.

    What a small cell hides in one table it hides in the others, too.
    """
    kept = {name: t for name, t in tables.items() if with_people or right_of(t) == AGGREGATE}
    return dict(outgoing(study, Result(kept)).tables)


def outgoing_book(
    study: Study, tables: Mapping[str, pl.DataFrame], *, of: str, with_people: bool
) -> bytes:
    """The tables of an analysis ``of`` as a workbook; where figures are hidden, its last sheet says so."""
    kept = Result({name: t for name, t in tables.items() if with_people or right_of(t) == AGGREGATE})  # fmt: skip
    left = outgoing(study, kept)
    named = {table_label(name, of=of): table for name, table in left.tables.items()}
    said = {"说明": pl.DataFrame({"说明": left.notes})} if left.notes else {}
    return exports.xlsx({**named, **said})


def alone_in_words(study: Study, people: pl.DataFrame) -> str:
    """How many people of a list could be found out by what else is known of them; "" where none could."""
    least = fewest(study)
    n, columns = disclosure.alone(people, fewest=least)
    if not n:
        return ""
    told = "、".join(disclosure.QUASI_LABELS[name] for name in columns)
    return f"这份名单里有 {n:,} 人，与他们{told}都相同的不到 {least} 人，别人可能认出是谁。"
