"""The contract that every analysis of the catalogue keeps."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from research_sample import with_research

from insight import charts, pipeline, results
from insight.analyses import catalogue, find
from insight.analysis import Cell, answer, lacking
from insight.dataset import Dataset
from insight.errors import InsightError, MissingColumns, UnknownName
from insight.schema import LABELS
from insight.units import in_words
from insight.wording import decimal

KEYS = tuple(catalogue())


@pytest.fixture(scope="module")
def dataset(demo_study) -> Dataset:
    return with_research(pipeline.load(demo_study))


@pytest.fixture(scope="module")
def answers(dataset):
    return {key: answer(find(key), dataset) for key in KEYS}


def _shuffled(dataset: Dataset) -> Dataset:
    """The same data with every table in another row order."""
    tables = {
        name: getattr(dataset, name).sample(fraction=1, shuffle=True, seed=7)
        for name in ("customers", "responses", "texts")
        if getattr(dataset, name) is not None
    }
    lines = dataset.orders.lines.collect().to_native().sample(fraction=1, shuffle=True, seed=7)
    log = dataset.events.collect().to_native().sample(fraction=1, shuffle=True, seed=7)
    turned = {"orders": nw.from_native(lines.lazy()), "events": nw.from_native(log.lazy())}
    return replace(dataset, **turned, **tables)


def test_the_first_version_has_its_analyses():
    assert {
        "match", "rfm", "segment_profile", "trend", "topline", "crosstab", "topics", "word_cloud", "keyness",
        "needs_by_segment",
    } <= set(KEYS)  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_an_analysis_says_what_an_empty_study_lacks(key):
    with pytest.raises(MissingColumns) as caught:
        answer(find(key), Dataset())
    assert caught.value.missing
    assert caught.value.hint


@pytest.mark.parametrize("key", KEYS)
def test_an_analysis_answers_on_the_example_study_with_findings_and_evidence(key, answers):
    result = answers[key]
    assert result.tables
    assert result.notes
    assert result.findings
    for finding in result.findings:
        assert finding.evidence
        assert finding.base > 0
        for cell in finding.evidence:
            _resolve(result, cell, finding)


def _resolve(result, cell: Cell, finding) -> None:
    """The cell is there, and if it is a number, the sentence (or the name of its test) tells it."""
    table = result.tables[cell.table]
    assert 0 <= cell.row < table.height
    value = table[cell.row, cell.column]
    if isinstance(value, int | float) and not isinstance(value, bool):
        written = in_words(value, column=cell.column, beside=table.row(cell.row, named=True))
        told = {written.removeprefix("-"), decimal(abs(value)), decimal(abs(value), digits=2)}
        number = "|".join(re.escape(one) for one in told)
        said = f"{finding.text} {finding.test}"
        assert re.search(rf"(?<![\d.,])({number})(?![\d.,]*\d)", said), (cell, value, said)


@pytest.mark.parametrize("key", KEYS)
def test_the_same_input_gives_the_same_bytes(key, answers, dataset):
    assert results.pack(answer(find(key), dataset)) == results.pack(answers[key])


@pytest.mark.parametrize("key", KEYS)
def test_row_order_does_not_matter(key, answers, dataset):
    turned = answer(find(key), _shuffled(dataset))
    assert [f.text for f in turned.findings] == [f.text for f in answers[key].findings]
    for name, table in answers[key].tables.items():
        assert_frame_equal(turned.tables[name], table, abs_tol=1e-6, rel_tol=1e-9)


@pytest.mark.parametrize("key", KEYS)
def test_every_column_has_a_chinese_label(key, answers):
    columns = {c for table in answers[key].tables.values() for c in table.columns}
    assert columns <= set(LABELS)


@pytest.mark.parametrize("key", KEYS)
def test_charts_carry_little_data(key, answers):
    for chart in answers[key].charts.values():
        spec = chart.to_dict()
        assert sum(len(rows) for rows in spec.get("datasets", {}).values()) <= 5_000


@pytest.mark.parametrize("key", KEYS)
def test_sentences_are_chinese_and_carry_a_number(key, answers):
    for finding in answers[key].findings:
        assert re.search(r"[一-鿿]", finding.text)
        assert re.search(r"\d", finding.text)


@pytest.mark.parametrize("key", KEYS)
def test_a_result_comes_back_from_its_bytes(key, answers):
    back = results.unpack(results.pack(answers[key]))
    assert back.findings == answers[key].findings
    assert back.notes == answers[key].notes
    for name, table in answers[key].tables.items():
        assert_frame_equal(back.tables[name], table)
    assert {n: c.to_dict() for n, c in back.charts.items()} == {
        n: c.to_dict() for n, c in answers[key].charts.items()
    }


@pytest.mark.parametrize("key", KEYS)
def test_parameters_can_be_asked_for_in_a_form(key):
    for name, field in find(key).params.model_fields.items():
        assert field.title, f"{key}.{name} has no Chinese title"
        assert not field.is_required(), f"{key}.{name} has no default"


def test_an_unknown_key_is_said_in_one_sentence():
    with pytest.raises(UnknownName, match="没有叫“rmf”的分析"):
        find("rmf")


def test_a_dataset_of_columns_only_lacks_nothing_but_rows():
    orders = nw.from_native(
        pl.LazyFrame({"customer_id": [], "order_id": [], "ordered_at": [], "amount": []})
    )
    assert lacking(find("rfm"), Dataset(orders=orders)) == ()
    with pytest.raises(InsightError):
        answer(find("rfm"), Dataset(orders=orders))


@pytest.mark.parametrize("key", KEYS)
def test_tables_without_rows_are_said_in_one_sentence(key, dataset):
    empty = replace(
        dataset,
        orders=nw.from_native(dataset.orders.lines.collect().to_native().clear().lazy()),
        responses=dataset.responses.clear(),
        texts=dataset.texts.clear(),
        quality=dataset.quality.clear(),
        events=nw.from_native(dataset.events.collect().to_native().clear().lazy()),
    )
    with pytest.raises(InsightError):
        answer(find(key), empty)


def test_the_protocol_stays_small():
    assert {f.name for f in fields(find("rfm"))} == {
        "key",
        "title",
        "question",
        "needs",
        "params",
        "run",
        "members",
        "place",
        "theme",
        "reads_words",
    }


# Columns that count people or what they said; and the tables whose rows are no groups of people.
COUNTS = {"n", "n_customers", "n_people", "n_texts", "document_frequency"}
NO_GROUPS = {
    ("concentration", "summary"): "everybody in one line",
    ("crosses", "pairs"): "one line a pair of variables",
    ("lifetime_value", "totals"): "everybody in one line",
    ("new_words", "summary"): "all texts in one line",
    ("win_back", "reach"): "points of a curve",
    ("high_ticket", "curve"): "points of a curve",
    ("high_ticket", "definitions"): "one line a definition",
    ("recommendations", "evaluation"): "everybody in one line",
    ("segment_compare", "rest_shares"): "a share beside everybody else's",
    ("segment_compare", "shares"): "two groups in one row",
    ("segment_compare", "rest_numbers"): "a mean beside everybody else's",
}


@pytest.mark.parametrize("key", KEYS)
def test_every_table_that_counts_people_can_be_opened(key, answers, dataset):
    known = find(key).members(dataset, find(key).params(), answers[key])
    counting = {name for name, table in answers[key].tables.items() if COUNTS & set(table.columns)}
    assert {(key, name) for name in counting - set(known)} <= set(NO_GROUPS)


ASKED = [
    *((key, {}) for key in KEYS),
    ("clusters", {"n_clusters": 4, "window_days": 365}),
    ("migration", {"by": "rfm"}),
    ("crosses", {"rows": "clusters", "columns": "orders.channel"}),
    ("price_bands", {"of": "order", "edges": "100、300", "by": "value_tier"}),
    ("lifetime_value", {"model": "mbg", "calibration": 40, "as_of": "2025-12-31"}),
    ("segment_value", {"by": "orders.region", "cost": 80}),
    ("lifecycle", {"own_gaps": 1, "as_of": "2025-06-30"}),
    ("retention", {"grain": "week", "measure": "spend_rate"}),
    ("survival", {"by": "rfm", "outcome": "churn"}),
    ("segment_profile", {"by": "lifecycle"}),
    ("win_back", {"days": 0, "least_drop": 0, "model": "bg"}),
    ("rfm", {"names": "eleven", "window_days": 365}),
    ("segment_profile", {"by": "orders.region", "across": "value_tier"}),
    ("crosstab", {"rows": ["Q5"], "breaks": ["frequency"]}),
    ("crosstab", {"rows": ["Q7", "Q5"], "breaks": ["Q2", "rfm × Q2", "Q4"]}),
    ("topline", {"questions": ["Q4", "Q7"]}),
    ("nps", {"breaks": ["Q4", "rfm × Q2"]}),
    ("grids", {"breaks": ["Q4", "Q2"], "order": "均值"}),
    ("ranking", {"unranked": "缺失", "breaks": ["Q4"]}),
    ("waves", {"wave": "Q2"}),
    ("turf", {"question": "Q5", "most": 2}),
    ("correspondence", {"source": "用词"}),
    ("conjoint", {"products": "价格=9 元；价格=15 元"}),
    ("topics", {"n_topics": 4, "question": "Q8"}),
    ("keyness", {"by": "orders.region", "min_people": 2}),
    ("trend", {"grain": "week"}),
    ("intervals", {"start": "first"}),
    ("next_purchase", {"of": "product", "days": 60, "most": 20}),
    ("cross_sell", {"by": "orders.region", "of": "product", "days": 120}),
    ("channels", {"offline": "门店、京东旗舰店"}),
    ("alerts", {"grain": "month", "history": 12}),
    ("funnel", {"steps": ["加购", "支付"], "window_hours": 24, "by": "orders.region"}),
    ("funnel", {"order": "any", "unit": "item"}),
    ("decision_factors", {"question": "Q4", "by": "orders.region"}),
    ("needs_by_segment", {"by": "value_tier", "use_topics": False}),
]


@pytest.mark.parametrize(("key", "params"), ASKED, ids=lambda v: v if isinstance(v, str) else "")
def test_there_are_as_many_people_behind_a_row_as_it_says(key, params, dataset):
    analysis = find(key)
    chosen = analysis.params.model_validate(params)
    result = answer(analysis, dataset, chosen)
    for name, members in analysis.members(dataset, chosen, result).items():
        rows = result.tables[name].unique(members.names, maintain_order=True)
        units = [c for c in members.unit if c not in members.names]
        found = members.frame.select(*members.names, *units).unique().collect()
        counted = found.group_by(members.names).len("found")
        told = rows.join(counted, on=members.names, how="left", nulls_equal=True)
        expected = told[members.counted] if members.counted else pl.repeat(1, told.height, eager=True)  # fmt: skip
        assert told["found"].fill_null(0).to_list() == expected.to_list(), name


DRAWN = ("share", "n", "base", "spend", "n_people", "option", "document_frequency", "month")


@pytest.mark.parametrize("key", KEYS)
def test_a_mark_draws_the_row_of_the_table_that_a_click_on_it_opens(key, answers, dataset):
    for name in find(key).members(dataset, find(key).params(), answers[key]):
        table, chart = answers[key].tables[name], answers[key].charts.get(name)
        spec = (charts.pickable(chart) if chart else None) or {}
        marks = [row for rows in spec.get("datasets", {}).values() for row in rows if "at" in row]
        for column in set(DRAWN) & set(table.columns) & set(marks[0] if marks else ()):
            told = [str(row[column])[:10] for row in marks]
            rows = [str(table[column][row["at"]])[:10] for row in marks]
            assert told == rows, (name, column)
