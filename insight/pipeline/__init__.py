"""Load, clean, join, analyse, report: the only door for the pages and the command line."""

from insight.pipeline.intake import Added, Hints, Preview, add, preview, remap, remove
from insight.pipeline.kept import Engine, Progress, issues, load
from insight.pipeline.running import Ran, params_of, run, run_all, set_params
from insight.pipeline.state import Readiness, Status, status
from insight.pipeline.studies import new, opened, studies

__all__ = [
    "Added", "Engine", "Hints", "Preview", "Progress", "Ran", "Readiness", "Status", "add", "issues", "load", "new",
    "opened", "params_of", "preview", "remap", "remove", "run", "run_all", "set_params", "status", "studies",
]  # fmt: skip
