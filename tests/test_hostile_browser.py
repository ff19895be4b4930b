"""Every file of the hostile collection put through the upload page: a preview or a sentence, and nothing else happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import DONE, chromium, opened_tab, served, settle
from test_hostile import ACCEPTED, HOSTILE, REFUSED

from insight import pipeline
from insight import study as store
from insight.settings import settings

pytestmark = pytest.mark.browser

NAMES = [*ACCEPTED, *REFUSED]
BATCH = 10  # files that lie in the uploader at the same time
MOST_MB = 1_024  # what the server may hold after all of them
# The boxes of the page, one an uploaded file, in the order of the uploads: what each says.
BOXES = """() => [...document.querySelectorAll('[data-testid=stPopover]')]
  .filter((one) => one.innerText.includes('识别得不对'))
  .map((one) => one.closest('[data-testid=stVerticalBlock]:not([data-testid=stHorizontalBlock])').innerText)"""


# Files that are read well and are no table that the tool knows: the page asks which columns they hold.
UNKNOWN = {name for name in ACCEPTED if name.startswith("names/")} | {
    *(f"xlsx/{name}" for name in (
        "far_cell_A1048576.xlsx", "html_script_as_xls.xls", "spreadsheetml2003.xls", "formulas_cached.xlsx",
        "formulas_nocache.xlsx", "dde_formula.xlsx", "error_cells.xlsx", "phone_sci_text.xlsx", "id18_number.xlsx",
        "dates_mixed.xlsx", "date_serial_60.xlsx", "html_in_cells.xlsx",
    )),
    *(f"csv/{name}.csv" for name in (
        "gb18030_rare", "big5", "nul_bytes", "unbalanced_quote", "embedded_newlines", "ragged", "tab", "pipe_multi",
        "sep_line", "control_chars", "dup_headers", "currency_wan", "ambiguous_date", "int_overflow", "null_tokens",
        "unicode_tricks", "lone_surrogate", "sqli", "cartesian_left", "phones_bad",
    )),
    "sav/gbk_as_utf8.sav",
}  # fmt: skip


def said(name: str) -> str:
    """What the page must say about a file: its rows, what it lacks, or why it was refused."""
    if name in REFUSED:
        return REFUSED[name][1]
    return "缺少必需的列" if name in UNKNOWN else f"{ACCEPTED[name][0]:,} 行"


@pytest.fixture(scope="module")
def told(own_folders: Path, tmp_path_factory) -> dict[str, Any]:
    """What the page said about each file, and how everything was before and when all were taken back."""
    if not HOSTILE.exists():
        pytest.skip("shared data are not here: hostile/INDEX.md")
    study = pipeline.new(own_folders / "studies" / "hostile")
    pipeline.add(study, HOSTILE / "xlsx" / "ok_plain.xlsx", "ok_plain.xlsx")
    log = tmp_path_factory.mktemp("hostile") / "log.txt"
    with served(log) as (url, process), chromium() as browser, opened_tab(browser) as tab:
        tab.goto(f"{url}/import?study=hostile")
        settle(tab)
        before, boxes = _kept(study), dict[str, str]()
        for at in range(0, len(NAMES), BATCH):
            boxes |= _uploaded(tab, NAMES[at : at + BATCH])
        held = process.memory_info().rss / 2**20
        return {
            "boxes": boxes, "before": before, "after": _kept(study), "foreign": tab.foreign, "mb": held,
            "spooled": list(settings().spool_dir.glob(f"{process.pid}-*/*")), "log": log.read_text("utf-8"),
        }  # fmt: skip


def _uploaded(tab: Any, names: list[str]) -> dict[str, str]:
    """Upload a few files at once, read what the page says about each, and leave, which takes them back."""
    tab.locator("input[type=file]").first.set_input_files([HOSTILE / name for name in names])
    tab.wait_for_function(f"() => ({BOXES})().length === {len(names)}")
    tab.wait_for_selector(DONE)
    boxes = tab.evaluate(BOXES)
    for page in ("访谈", "导入"):
        tab.get_by_role("link", name=page, exact=True).first.click()
        tab.wait_for_url(f"**/{ {'访谈': 'interviews', '导入': 'import'}[page] }?*")
        settle(tab)
    return {name: box.replace("\u2060", "") for name, box in zip(names, boxes, strict=True)}


def _kept(study: store.Study) -> tuple[object, ...]:
    """Everything of a study that an upload could change, and what lies beside it."""
    objects = {file.name for file in (study.path / "objects").rglob("*") if file.is_file()}
    return store.history(study), objects, set(pipeline.studies())


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_shown_as_what_it_is_or_refused_in_one_sentence(told, name):
    box = told["boxes"][name]
    assert said(name) in box, box
    assert "程序出了意外" not in box


def test_no_hostile_file_changes_a_study_or_stays_behind(told):
    assert told["after"] == told["before"]
    assert told["spooled"] == []


def test_no_hostile_file_breaks_the_server_fills_it_or_calls_a_foreign_one(told):
    assert "Traceback" not in told["log"], told["log"][-2_000:]
    assert told["foreign"] == []
    assert told["mb"] < MOST_MB
