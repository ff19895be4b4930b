"""Results of analyses → a report in five forms, in which every number can be traced."""

from insight.report.compose import compose, composed, trace
from insight.report.facts import Chapter, Facts, Lineage, Source
from insight.report.making import FORMATS, NAME, TRACE, check_template, files
from insight.report.numbers import Number
from insight.report.tracing import records
from insight.report.web import html
from insight.report.word import docx

__all__ = [
    "FORMATS", "NAME", "TRACE", "Chapter", "Facts", "Lineage", "Number", "Source", "check_template", "compose", "composed", "docx", "files", "html", "records", "trace",
]  # fmt: skip
