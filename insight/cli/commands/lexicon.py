"""python -m insight lexicon: the words of a study, looked at, edited, read from and written to text files."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

from insight import pipeline
from insight.cli.parsing import Command, Say, file_bytes, folder, pair, steps
from insight.errors import BadLexicon
from insight.pipeline import Imported
from insight.schema.lexicon import PART_LABELS, Lexicon, Part, lexicon_of
from insight.study import Study
from insight.wording import count

_OPTIONS: Mapping[str, tuple[Part, str]] = {
    "--add": ("words", "收入词典的词"),
    "--apart": ("apart", "词典里有、但要拆开的词"),
    "--phrase": ("phrases", "无论在哪里都当成一个词的短语"),
    "--stop": ("stop_words", "不参加统计的词"),
    "--keep": ("kept_words", "内置停用词里要参加统计的词"),
    "--reject": ("rejected", "新词发现里不再提示的词"),
}
_BY_LABEL: Mapping[str, Part] = {label: part for part, label in PART_LABELS.items()}
_MOST_BAD = 10  # lines that are told one by one


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    for flag, (part, text) in _OPTIONS.items():
        parser.add_argument(flag, nargs="+", default=[], dest=part, metavar="词", help=text)
    parser.add_argument("--merge", action="append", type=pair, default=[], metavar="标准词=同义词,同义词")  # fmt: skip
    parser.add_argument("--remove", nargs="+", default=[], metavar="词", help="从词库各处删除")
    parser.add_argument("--import", dest="file", type=Path, metavar="文件", help="文本文件：每行一词，jieba 用户词典，或 --export 写出的词库")  # fmt: skip
    parser.add_argument("--as", dest="part", choices=list(_BY_LABEL), default="用户词", help="文件没有分节标题时，各行是什么")  # fmt: skip
    parser.add_argument("--replace", action="store_true", help="文件里有的部分代替词库里原来的")
    parser.add_argument("--export", type=Path, metavar="文件", help="整个词库写成文本文件")
    parser.add_argument("--cut", type=Path, metavar="文件", help="全部文本分批切词，写到 parquet 文件：文本编号、词、词性")  # fmt: skip
    parser.add_argument("--engine", choices=get_args(pipeline.Engine), default="polars", help="--cut 用的引擎；spark 写成一个文件夹")  # fmt: skip
    parser.add_argument("--preview", action="store_true", help="只看哪些文本的切词会变，不记录")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    old = pipeline.lexicon(study)
    edited = old
    if args.file:
        part = _BY_LABEL[args.part]
        read = pipeline.read_lexicon(study, file_bytes(args.file), name=args.file.name, part=part, instead=args.replace)  # fmt: skip
        _tell(read, say)
        edited = read.lexicon
    edited = _without(_with(edited, args), args.remove)
    if edited != old:
        _show(study, edited, say)
        if not args.preview:
            pipeline.set_lexicon(study, edited)
            say("已记录")
    if args.export:
        folder(args.export.parent)
        args.export.write_text(pipeline.lexicon_text(study), "utf-8")
        say(f"词库 → {args.export}")
    if args.cut:
        folder(args.cut.parent)
        n = pipeline.cut_all(study, args.cut, engine=args.engine, progress=steps(say))
        pipeline.noted(study, "export", file=args.cut.name, rows=n)
        say(f"{count(n)} 条文本的词 → {args.cut}")
    for part, label in PART_LABELS.items():
        say(f"{label}：{count(len(getattr(edited, part)))} 个")
    return 0


def _tell(read: Imported, say: Say) -> None:
    unsaid = read.n_read - read.n_taken
    more = f"，其余 {count(unsaid)} 个没有出现在文本里，不影响切词，没有收入" if unsaid else ""
    say(f"读到 {count(read.n_read)} 个，收入 {count(read.n_taken)} 个{more}")
    for line, text, reason in read.bad[:_MOST_BAD]:
        say(f"  第 {line} 行“{text[:20]}”没有收入：{reason}")
    if len(read.bad) > _MOST_BAD:
        say(f"  还有 {count(len(read.bad) - _MOST_BAD)} 行没有收入")


def _with(lexicon: Lexicon, args: argparse.Namespace) -> Lexicon:
    """The lexicon with the words of the command line."""
    fields = lexicon.model_dump()
    for part, _ in _OPTIONS.values():
        new: Sequence[str] = getattr(args, part)
        fields[part] = [*fields[part], *([{"word": w} for w in new] if part == "words" else new)]
    merged = [{"word": w, "variants": v.replace("，", ",").split(",")} for w, v in args.merge]
    return lexicon_of({**fields, "synonyms": [*fields["synonyms"], *merged]})


def _without(lexicon: Lexicon, gone: Sequence[str]) -> Lexicon:
    """The lexicon without words, wherever they stand; a set of synonyms goes by its word, or loses a variant."""
    fields = lexicon.model_dump()
    known = {w if isinstance(w, str) else w["word"] for part in PART_LABELS for w in fields[part]}
    known |= {v for one in lexicon.synonyms for v in one.variants}
    if unknown := [word for word in gone if word not in known]:
        raise BadLexicon(f"里面没有“{'、'.join(unknown)}”")
    left = [one | {"variants": [v for v in one["variants"] if v not in gone]} for one in fields["synonyms"]]  # fmt: skip
    fields["synonyms"] = [one for one in left if one["variants"]]
    for part in PART_LABELS:
        fields[part] = [w for w in fields[part] if (w if isinstance(w, str) else w["word"]) not in gone]  # fmt: skip
    return lexicon_of(fields)


def _show(study: Study, edited: Lexicon, say: Say) -> None:
    """What an edit does to the texts, where there are some."""
    if "texts" not in {one["table"] for one in pipeline.status(study).sources}:
        return
    seen = pipeline.try_lexicon(study, edited)
    say(f"{count(seen.base)} 条文本里有 {count(seen.n_texts)} 条的切词会变")
    for row in seen.texts.head(5).to_dicts():
        say(f"  之前：{row['before'][:120]}")
        say(f"  之后：{row['after'][:120]}")


COMMAND = Command(
    "lexicon", "词库：用户词、停用词、同义词、锁定短语，可预览、导入、导出", arguments, act
)
