"""python -m insight segments: record what RFM groups are called and who is a high-ticket customer."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say, file_bytes, pairs
from insight.errors import BadParameter
from insight.study import Study


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--names", type=Path, metavar="文件", help="用这个 TOML 文件里的分层名称")
    parser.add_argument(
        "--export", type=Path, metavar="文件", help="把现在的分层名称写进 TOML 文件"
    )
    parser.add_argument("--reset", action="store_true", help="恢复默认的分层名称")
    pairs(parser, "--rfm", metavar="参数=值", text="记为全研究的 RFM 设定，如 scoring=jenks")
    pairs(
        parser, "--high-ticket", metavar="参数=值", text="记为全研究的高客单定义，如 top_share=0.1"
    )


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.reset:
        pipeline.reset_segment_names(study)
    if args.names:
        pipeline.set_segment_names(study, pipeline.read_segment_names(file_bytes(args.names)))
    _record(study, "rfm", args.rfm)
    _record(study, "high_ticket", args.high_ticket)
    if args.export:
        _write(args.export, pipeline.segment_names_text(study))
        say(f"分层名称 → {args.export}")
    for key in ("rfm", "high_ticket"):
        result = pipeline.run(study, key)
        say(result.findings[0].text)
        say(f"  {result.notes[0]}")
    return 0


def _record(study: Study, key: str, written: Sequence[tuple[str, str]]) -> None:
    """Record parameters that give a result; what gives none is said and not recorded."""
    if not written:
        return
    changes: dict[str, object] = dict(written)
    pipeline.run(study, key, changes=changes)
    pipeline.set_params(study, pipeline.params_of(study, key, changes), key=key)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise BadParameter("--export", f"“{path}”写不进去") from error


COMMAND = Command("segments", "设定 RFM 分层、分层名称和高客单定义", arguments, act)
