"""Results of analyses → a report as Word file or web page, in which every number can be traced."""

from insight.report.compose import trace
from insight.report.facts import Chapter, Facts, Source
from insight.report.numbers import Number
from insight.report.web import html
from insight.report.word import docx

__all__ = ["Chapter", "Facts", "Number", "Source", "docx", "html", "trace"]
