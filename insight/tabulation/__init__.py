"""Books of tables: any questions against any breaks, counted, tested and told in one pass.

The door for tables, their workbook and the command line:

- ``people_of(dataset, weight=)``: who is counted and with which weight (filters belong before it);
- ``stub_of(responses, question, base=)``: the rows of a question as codes; ``stubs_of``: of several;
- ``banner_of(dataset, people, breaks)``: the families of columns, side by side and nested;
- ``crossed(stubs, families, people=, rule=)``: the long table of all cells;
- ``averaged(questions, families, people=, rule=)``: their means with t letters;
- ``columns_of`` (letters and bases) and ``paired`` (which cells lie above which).
"""

from insight.tabulation.banners import Family, banner_of
from insight.tabulation.book import CELL, columns_of, crossed
from insight.tabulation.figures import scored
from insight.tabulation.pairing import paired
from insight.tabulation.people import people_of
from insight.tabulation.scoring import averaged
from insight.tabulation.stubs import Stub, stub_of, stubs_of

__all__ = [
    "CELL", "Family", "Stub", "averaged", "banner_of", "columns_of", "crossed", "paired", "people_of", "scored", "stub_of", "stubs_of",
]  # fmt: skip
