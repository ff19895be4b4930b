"""Load, clean, join, analyse, report: the only door for the pages and the command line."""

from insight.exports import csv, xlsx
from insight.pipeline.choices import choices
from insight.pipeline.intake import Added, add, add_all, preview, remap, remove
from insight.pipeline.kept import Engine, Progress, issues, load
from insight.pipeline.reporting import FORMATS, Format, build_report, check_formats, write_report
from insight.pipeline.running import Ran, params_of, run, run_all, set_params
from insight.pipeline.state import Readiness, Status, listing, status
from insight.pipeline.studies import demo, new, opened, studies
from insight.pipeline.summary import summary, write_issues
from insight.pipeline.uploads import Hints, Preview, Upload

__all__ = [
    "FORMATS", "Added", "Engine", "Format", "Hints", "Preview", "Progress", "Ran", "Readiness", "Status", "Upload", "add", "add_all", "build_report", "check_formats", "choices", "csv",
    "demo", "issues", "listing", "load", "new", "opened", "params_of", "preview", "remap", "remove", "run", "run_all",
    "set_params", "status", "studies", "summary", "write_issues", "write_report", "xlsx",
]  # fmt: skip
