"""The book of tables as a workbook: what the table engine worked out, laid out for Excel and WPS.

- ``sheet_of(crosstab, means, ...)``: the lines of one sheet, from the results of the two analyses;
- ``book(cover, sheets, extras)``: contents with links, the sheets, further tables: the bytes of an xlsx.
"""

from insight.tablebook.contents import Cover
from insight.tablebook.lines import MEASURES, Block, Head, Line, Measure, Sheet, sheet_of
from insight.tablebook.writing import book

__all__ = ["MEASURES", "Block", "Cover", "Head", "Line", "Measure", "Sheet", "book", "sheet_of"]
