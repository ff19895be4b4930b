"""The files of a report: laid out once, written in every form that is asked for, with the trace beside them."""

from __future__ import annotations

from collections.abc import Sequence

from insight.report import tracing
from insight.report.compose import Composed

NAME, TRACE = "report", "trace.json"
FORMATS = {
    "docx": "Word（docx）", "pptx": "PowerPoint（pptx）", "xlsx": "Excel（xlsx）",
    "html": "网页（html）", "pdf": "PDF",
}  # fmt: skip


def files(
    whole: Composed, forms: Sequence[str], *, template: bytes | None = None
) -> dict[str, bytes]:
    """File name -> content: a report that is laid out in these forms, and the chain behind each of its numbers.

    Parameters
    ----------
    template : PowerPoint file whose look the slides take

    Raises
    ------
    BadTemplate : it cannot be used.
    """
    made = {f"{NAME}.{form}": _made(form, whole, template) for form in forms}
    return {**made, TRACE: tracing.written(tracing.records(whole))}


def check_template(template: bytes | None) -> None:
    """Raise BadTemplate if slides cannot be laid on ``template``."""
    if template is not None:
        from insight.report import deck_file

        deck_file.stage(template)


def _made(form: str, whole: Composed, template: bytes | None) -> bytes:
    """The report in one form; each writer is loaded when it is needed."""
    match form:
        case "docx":
            from insight.report import word

            return word.written(whole)
        case "pptx":
            from insight.report import deck

            return deck.written(whole, template=template)
        case "xlsx":
            from insight.report import book

            return book.written(whole)
        case "pdf":
            from insight.report import printing

            return printing.written(whole)
        case _:
            from insight.report import web

            return web.written(whole).encode()
