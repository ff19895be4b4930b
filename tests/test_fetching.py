"""Tables of databases and lakes enter a study like files, and are asked for again with one command."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl
import pytest

from insight import pipeline
from insight.cli import main
from insight.errors import BadMapping, NothingToRefresh, SourceFailed
from insight.schema import Origin
from insight.settings import settings
from pages.ui import places
from tests import servers
from tests.test_app import opened, texts


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A DuckDB file with orders, configured as "shop"."""
    file = tmp_path / "shop.duckdb"
    _run(file, "CREATE TABLE o (订单编号 VARCHAR, 会员号 VARCHAR, 下单时间 TIMESTAMP, 实付金额 DECIMAL(10,2))")  # fmt: skip
    _run(file, "INSERT INTO o SELECT 'D'||i, 'M'||(i % 5), TIMESTAMP '2025-01-01' + to_days(i::INTEGER), 10 + i FROM range(20) t(i)")  # fmt: skip
    monkeypatch.setenv("INSIGHT_CONNECTIONS__SHOP", f"duckdb:///{file}")
    settings.cache_clear()
    yield file
    monkeypatch.undo()
    settings.cache_clear()


def _run(file: Path, statement: str) -> None:
    with closing(duckdb.connect(str(file))) as db:
        db.execute(statement)


ASK = Origin(connection="shop", ask="SELECT * FROM o ORDER BY 订单编号")


def test_a_query_becomes_orders_and_its_origin_is_a_recipe_step(shop, study):
    added = pipeline.fetch(study, ASK, name="订单")
    assert (added.sources[0].table, added.n_rows) == ("orders", (20,))
    assert added.sources[0].origin == ASK
    assert pipeline.status(study).tables == {"orders": 20}
    table = pipeline.run(study, "rfm").tables["customers"]
    assert float(table["spend"].sum()) == sum(10 + i for i in range(20))


def test_refresh_brings_new_rows_in_one_revision(shop, study):
    pipeline.fetch(study, ASK)
    (same,) = pipeline.refresh(study)
    assert (same.is_new, same.n_now) == (False, 20)
    revision = pipeline.status(study).revision
    _run(shop, "INSERT INTO o VALUES ('D99', 'M9', '2025-03-01', 5)")
    (newer,) = pipeline.refresh(study)
    assert (newer.is_new, newer.n_before, newer.n_now) == (True, 20, 21)
    after = pipeline.status(study)
    assert (after.revision, after.tables) == (revision + 1, {"orders": 21})


def test_a_column_that_is_gone_stops_the_refresh_and_the_study_stays(shop, study):
    pipeline.fetch(study, ASK)
    before = pipeline.status(study)
    _run(shop, "ALTER TABLE o RENAME 实付金额 TO 金额")
    with pytest.raises(BadMapping, match="实付金额"):
        pipeline.refresh(study)
    _run(shop, "DROP TABLE o")
    with pytest.raises(SourceFailed):
        pipeline.refresh(study)
    assert pipeline.status(study) == before


def test_a_study_of_files_has_nothing_to_refresh(study):
    with pytest.raises(NothingToRefresh):
        pipeline.refresh(study)


def test_the_command_line_fetches_refreshes_and_never_shows_an_address(shop, study, capsys, tmp_path):  # fmt: skip
    (tmp_path / "q.sql").write_text("SELECT * FROM o ORDER BY 1", "utf-8")
    sql = ["--sql", str(tmp_path / "q.sql"), "--name", "订单", "--map", "会员号=customer_id"]
    assert main(["fetch", str(study.path), "shop", *sql]) == 0
    assert "订单 20 行" in capsys.readouterr().out.replace("：", " ")
    assert main(["refresh", str(study.path)]) == 0
    assert "没有变化" in capsys.readouterr().out
    assert main(["connections"]) == 0
    told = capsys.readouterr().out
    assert "shop" in told
    assert "DuckDB" in told
    assert str(shop) not in told
    assert main(["fetch", str(study.path), "shop", "--sql", "SELECT * FROM nix"]) == 1
    assert "没有表“nix”" in capsys.readouterr().err


def test_a_path_stands_for_itself_on_the_command_line(study, tmp_path):
    frame = pl.DataFrame({"订单编号": ["1", "2"], "会员号": ["a", "b"], "下单时间": ["2025-01-01", "2025-01-02"], "实付金额": ["1", "2"]})  # fmt: skip
    frame.write_parquet(tmp_path / "orders.parquet")
    assert main(["fetch", str(study.path), str(tmp_path / "orders.parquet")]) == 0
    assert pipeline.status(study).tables == {"orders": 2}


def test_no_password_reaches_the_study(study, tmp_path, monkeypatch):
    with servers.postgresql(tmp_path) as url:
        servers.filled(
            url,
            "CREATE TABLE o (order_id text, customer_id text, ordered_at timestamptz, amount numeric)",
            "INSERT INTO o VALUES ('1', 'a', '2025-01-01 01:00+08', 9.90), ('2', 'b', '2025-01-02 01:00+08', 1)",
        )
        monkeypatch.setenv("INSIGHT_CONNECTIONS__CRM", url)
        settings.cache_clear()
        pipeline.fetch(study, Origin(connection="crm", ask="SELECT * FROM o"))
        settings.cache_clear()
    days = pipeline.load(study).orders.lines.collect().to_polars()["ordered_at"]
    assert sorted(d // 86_400 for d in days) == [
        20_089,
        20_090,
    ]  # 2025-01-01 and 02 of the shop's clock
    everything = b"".join(f.read_bytes() for f in study.path.rglob("*") if f.is_file())
    assert servers.PASSWORD.encode() not in everything


def test_the_import_page_asks_a_database_and_imports_the_answer(shop, own_folders):
    study = pipeline.new(own_folders / "studies" / "取数研究")
    app = opened(places.IMPORT, study=study.path.name)
    app.text_area[0].set_value("SELECT * FROM nix")
    _press(app, "取数")
    assert any("没有表“nix”" in str(one.value) for one in app.error)
    app.text_area[0].set_value(ASK.ask)
    _press(app, "取数")
    assert "识别" in texts(app) or "订单" in texts(app)
    _press(app, "导入 1 个文件")
    assert pipeline.status(study).tables == {"orders": 20}
    _run(shop, "INSERT INTO o VALUES ('D99', 'M9', '2025-03-01', 5)")
    _press(app, "重新执行全部查询")
    assert any("20 → 21 行" in str(one.value) for one in app.success)
    shutil.rmtree(study.path)


def _press(app, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()


def test_without_connections_the_import_page_says_how_to_configure_one(own_folders, monkeypatch):
    monkeypatch.setenv("INSIGHT_SECRETS_FILE", "absent.toml")
    settings.cache_clear()
    study = pipeline.new(own_folders / "studies" / "没有连接")
    assert "还没有配置数据连接" in texts(opened(places.IMPORT, study=study.path.name))
    settings.cache_clear()
    shutil.rmtree(study.path)
