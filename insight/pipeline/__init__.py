"""Load, clean, join, analyse, report: the only door for the pages and the command line."""

from insight.clean.speaking import ROLE_LABELS
from insight.engines import Engine
from insight.exports import csv, xlsx
from insight.origins import holds_credentials
from insight.pipeline.agreeing import agree, end_in_words, fewest, is_over, purge, terms
from insight.pipeline.asked import SEPARATOR_LABELS, Asked, decide, kind_of, questions, retype
from insight.pipeline.banners import banners, remove_banner, save_banner
from insight.pipeline.changing import source_now
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
from insight.pipeline.coding import (
    code_text,
    codebook,
    codebook_files,
    coded,
    codes_table,
    import_codebook,
    import_codes,
    proposed,
    remove_code,
    save_code,
    set_codebook,
    sheet_to_code,
    starter_codebook,
    to_audit,
    to_code,
    undo_text,
)
from insight.pipeline.copies import copies, copies_in_words
from insight.pipeline.excluding import (
    check_labels,
    exclusions,
    set_exclusions,
    would_leave_out,
)
from insight.pipeline.fetching import ask, connections, fetch, refresh
from insight.pipeline.filtering import (
    filter_told,
    filters,
    is_filterable,
    is_narrowable,
    set_filter,
    study_filter,
)
from insight.pipeline.forgetting import Forgotten, forget
from insight.pipeline.former import Against, reported
from insight.pipeline.grouping import (
    read_segment_names,
    reset_segment_names,
    segment_names,
    segment_names_text,
    set_segment_names,
)
from insight.pipeline.in_batches import code_all, cut_all
from insight.pipeline.inputs import params_of
from insight.pipeline.intake import add, add_all, preview, remap, remove
from insight.pipeline.joined import issues, load
from insight.pipeline.keeping import audit, backup, has_key, noted, restore, verify
from insight.pipeline.lexicons import (
    Imported,
    Recut,
    accept_words,
    edit_lexicon,
    lexicon,
    lexicon_text,
    part_text,
    read_lexicon,
    reject_words,
    set_lexicon,
    try_lexicon,
)
from insight.pipeline.matching import (
    TIER_LABELS,
    Workbench,
    set_matching,
    workbench,
)
from insight.pipeline.needing import StatedNeed, need_statements, state_need, stated_needs
from insight.pipeline.one_person import KIND_LABELS
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
from insight.pipeline.paying import currency, in_its_currency, own_currency, set_currency
from insight.pipeline.people import FEWEST, People, people, rows_with_people
from insight.pipeline.picks import as_pick, pick, picks, set_picks, told, unpick
from insight.pipeline.prepared import Added
from insight.pipeline.recoding import add_recode, preview_recode, recodes, remove_recode
from insight.pipeline.redoing import Touched, read_unsaved, redo, save_copy, touched
from insight.pipeline.reporting import (
    FORMATS,
    Format,
    build_report,
    build_reports,
    check_formats,
    trace_of,
    traced,
    write_reports,
)
from insight.pipeline.rule_trials import (
    RULE_ROWS,
    Hits,
    RuleRow,
    Searchable,
    rule_of_rows,
    rule_rows,
    searchable,
    try_rule,
)
from insight.pipeline.running import Ran, run, run_all, set_params
from insight.pipeline.seeing import rows_rule
from insight.pipeline.sharing import (
    alone_in_words,
    outgoing,
    outgoing_book,
    outgoing_tables,
    right_of,
)
from insight.pipeline.singled_out import describing, rare_answers, rare_in_words
from insight.pipeline.speakers import (
    Speaker,
    check_roles,
    interviews,
    set_speakers,
    speakers,
    turns,
)
from insight.pipeline.spss_file import build_sav, write_sav
from insight.pipeline.state import Readiness, Status, listing, status
from insight.pipeline.steps import Step, compare, go_back, steps
from insight.pipeline.studies import demo, new, opened, studies
from insight.pipeline.summary import summary, write_issues
from insight.pipeline.table_book import FILE as BOOK_FILE
from insight.pipeline.table_book import build_tables, write_tables
from insight.pipeline.targeting import (
    Tried,
    audience_names,
    audience_people,
    audiences,
    groups_of,
    read_rule,
    remove_audience,
    rename_audience,
    save_audience,
    try_audience,
)
from insight.pipeline.topic_editing import (
    Edited,
    add_topic_edit,
    comments_of,
    remove_topic_edits,
    topic_edits,
    topics,
)
from insight.pipeline.undertaking import (
    campaign_csv,
    campaigns,
    check_playbook,
    drop_campaign,
    drop_promise,
    edit_promise,
    facts_told,
    playbook_text,
    promise,
    promises,
    set_playbook,
    start_campaign,
    write_campaign,
)
from insight.pipeline.unmasking import unmasked
from insight.pipeline.uploads import Hints, Preview, Upload
from insight.pipeline.weighing import (
    present_shares,
    preview_weighting,
    set_weighting,
    suggested_weighting,
    targets_text,
    weighting,
    weighting_of,
)
from insight.spool import Spooled, spooled
from insight.study import Verified, broken_line
from insight.tablebook import MEASURES
from insight.worker import Progress

__all__ = [
    "BOOK_FILE", "FEWEST", "FORMATS", "KIND_LABELS", "MEASURES", "ROLE_LABELS", "RULE_ROWS", "SEPARATOR_LABELS", "TIER_LABELS", "Added", "Against",
    "Applied", "Asked", "Dates", "Edited", "Engine", "Forgotten", "Format", "Hints", "Hits", "Imported", "People", "Preview", "Progress", "Ran",
    "Readiness", "Recut", "RuleRow", "Searchable", "Speaker", "Spooled", "StatedNeed", "Status", "Step", "Touched", "Tried", "Upload", "Verified",
    "Workbench", "accept_words", "add", "add_all", "add_recode", "add_topic_edit", "agree", "alone_in_words", "as_pick", "ask", "audience_names",
    "audience_people", "audiences", "audit", "backup", "banners", "broken_line", "build_report", "build_reports", "build_sav", "build_tables",
    "campaign_csv", "campaigns", "check", "check_formats", "check_labels", "check_listed", "check_playbook", "check_roles", "choices", "code_all",
    "code_text", "codebook", "codebook_files", "coded", "codes_table", "comments_of", "compare", "connections", "copies", "copies_in_words", "csv", "currency", "cut_all",
    "dates_of", "decide", "demo", "describing", "drop_campaign", "drop_promise", "edit_lexicon", "edit_promise", "end_in_words", "exclusions", "facts_told",
    "fetch", "fewest", "filter_told", "filters", "forget", "go_back", "groups_of", "has_key", "holds_credentials", "import_codebook", "import_codes", "in_its_currency",
    "interviews", "is_filterable", "is_narrowable", "is_over", "issues", "kind_of", "lexicon", "lexicon_text", "listing", "load",
    "need_statements", "new", "noted", "opened", "outgoing", "outgoing_book", "outgoing_tables", "own_currency", "own_presets",
    "params_of", "part_text", "people", "pick", "picks", "platform_labels", "playbook_text", "present_shares", "preset_labels", "preset_text",
    "preview", "preview_recode", "preview_weighting", "promise", "promises", "proposed", "purge", "questions", "rare_answers", "rare_in_words", "read_lexicon", "read_rule",
    "read_segment_names", "read_unsaved", "recodes", "redo", "refresh", "reject_words", "remap", "remove", "remove_audience", "remove_banner",
    "remove_code", "remove_preset", "remove_recode", "remove_topic_edits", "rename_audience", "reported", "reset_segment_names", "restore", "retype",
    "right_of", "rows_rule", "rows_with_people", "rule_of_rows", "rule_rows", "rules_of", "run", "run_all", "save_audience", "save_banner", "save_code",
    "save_copy", "save_preset", "searchable", "segment_names", "segment_names_text", "set_codebook", "set_currency", "set_exclusions", "set_filter",
    "set_lexicon", "set_matching", "set_params", "set_picks", "set_playbook", "set_rules", "set_segment_names", "set_speakers", "set_weighting",
    "sheet_to_code", "source_called", "source_now", "speakers", "spooled", "start_campaign", "starter_codebook", "state_need", "stated_needs", "status", "steps",
    "steps_of", "studies", "study_filter", "suggested_weighting", "summary", "targets_text", "terms", "to_audit", "to_code", "told", "topic_edits",
    "topics", "touched", "trace_of", "traced", "try_audience", "try_lexicon", "try_rule", "try_rules", "turns", "undo_text", "unmasked", "unpick", "verify",
    "waterfall", "weighting", "weighting_of", "workbench", "would_leave_out", "write_campaign", "write_issues", "write_reports", "write_sav", "write_tables", "xlsx",
]  # fmt: skip
