"""Load, clean, join, analyse, report: the only door for the pages and the command line."""

from insight.clean.speaking import ROLE_LABELS
from insight.engines import Engine
from insight.exports import csv, xlsx
from insight.pipeline.asked import SEPARATOR_LABELS, Asked, decide, kind_of, questions, retype
from insight.pipeline.checking import check
from insight.pipeline.choices import choices
from insight.pipeline.cleaning import (
    Applied,
    Dates,
    dates_of,
    rules_of,
    set_rules,
    steps_of,
    try_rules,
    waterfall,
)
from insight.pipeline.excluding import (
    check_labels,
    exclusions,
    set_exclusions,
    would_leave_out,
)
from insight.pipeline.fetching import ask, connections, fetch, refresh
from insight.pipeline.grouping import (
    read_segment_names,
    reset_segment_names,
    segment_names,
    segment_names_text,
    set_segment_names,
)
from insight.pipeline.intake import add, add_all, preview, remap, remove
from insight.pipeline.joined import issues, load
from insight.pipeline.matching import (
    TIER_LABELS,
    Workbench,
    preview_weighting,
    set_matching,
    set_weighting,
    workbench,
)
from insight.pipeline.own_presets import (
    own_presets,
    platform_labels,
    preset_labels,
    preset_text,
    remove_preset,
    save_preset,
    source_called,
)
from insight.pipeline.pairing import check_listed
from insight.pipeline.people import FEWEST, People, people, rows_with_people
from insight.pipeline.picks import as_pick, pick, picks, set_picks, told, unpick
from insight.pipeline.prepared import Added
from insight.pipeline.recoding import add_recode, preview_recode, recodes, remove_recode
from insight.pipeline.reporting import FORMATS, Format, build_report, check_formats, write_report
from insight.pipeline.running import Ran, params_of, run, run_all, set_params
from insight.pipeline.speakers import (
    Speaker,
    check_roles,
    interviews,
    set_speakers,
    speakers,
    turns,
)
from insight.pipeline.state import Readiness, Status, listing, status
from insight.pipeline.studies import demo, new, opened, studies
from insight.pipeline.summary import summary, write_issues
from insight.pipeline.uploads import Hints, Preview, Upload
from insight.spool import Spooled, spooled
from insight.worker import Progress

__all__ = [
    "FEWEST", "FORMATS", "ROLE_LABELS", "SEPARATOR_LABELS", "TIER_LABELS", "Added", "Applied", "Asked", "Dates", "Engine", "Format", "Hints", "People",
    "Preview", "Progress", "Ran", "Readiness", "Speaker", "Spooled", "Status", "Upload", "Workbench", "add", "add_all", "add_recode", "as_pick", "ask",
    "build_report", "check", "check_formats", "check_labels", "check_listed", "check_roles", "choices", "connections", "csv", "dates_of", "decide", "demo", "exclusions",
    "fetch", "interviews", "issues", "kind_of", "listing", "load", "new", "opened", "own_presets", "params_of", "people", "pick", "picks",
    "platform_labels", "preset_labels", "preset_text", "preview", "preview_recode", "preview_weighting", "questions", "read_segment_names", "recodes",
    "refresh", "remap", "remove", "remove_preset", "remove_recode", "reset_segment_names", "retype", "rows_with_people", "rules_of", "run", "run_all",
    "save_preset", "segment_names", "segment_names_text", "set_exclusions", "set_matching", "set_params", "set_picks", "set_rules", "set_segment_names",
    "set_speakers", "set_weighting", "source_called", "speakers", "spooled", "status", "steps_of", "studies", "summary", "told", "try_rules", "turns", "unpick",
    "waterfall", "workbench", "would_leave_out", "write_issues", "write_report", "xlsx",
]  # fmt: skip
