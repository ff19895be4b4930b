"""The codebook of a study and the answers that people code: changed, tried on the texts, in and out of files."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight import access, exports
from insight import study as store
from insight.access import EDIT
from insight.coding.exchange import checked, codebook_of, read_codebook, starter, table_of, yaml_of
from insight.coding.matching import hits, trees_of
from insight.coding.person_codes import read_codes, table_of_codes
from insight.coding.queue import audit_sample, next_texts
from insight.coding.rules import wanted
from insight.errors import BadCodebook, UnknownName
from insight.pipeline.changing import change, newest
from insight.pipeline.joined import load
from insight.pipeline.rule_trials import Searchable, searchable
from insight.schema.codebook import Code, Codebook
from insight.study import PersonCode, Purpose, Revision, Study
from insight.voices import voices

AUDIT_SIZE, AUDIT_SEED = 50, 1


def codebook(study: Study) -> Codebook:
    """The codebook of the newest revision; empty where there is none."""
    return store.head(study).recipe.codebook


def starter_codebook() -> Codebook:
    """Needs of customers of any trade, to begin with."""
    return starter()


def set_codebook(
    study: Study, book: Codebook, *, parent: int | None = None, note: str = ""
) -> Revision:
    """Record another codebook (BadCodebook where a rule cannot be read, Conflict)."""
    before = newest(study, parent)
    told = note or f"编码本改为 {len(book.codes)} 项需求"
    return change(study, before, note=told, codebook=checked(book))


def save_code(
    study: Study, code: Code, *, instead_of: str = "", parent: int | None = None
) -> Revision:
    """Add a need, or change the one whose name or key is ``instead_of``; what people coded stays with it.

    Raises
    ------
    BadCodebook : the name is taken, or a rule cannot be read.
    UnknownName : there is no need ``instead_of``.
    """
    book = codebook(study)
    codes = list(book.codes)
    at = _place(book, instead_of) if instead_of else len(codes)
    key = codes[at].key if instead_of else _free(code.key, {c.key for c in codes})
    codes[at : at + 1] = [code.model_copy(update={"key": key})]
    made = codebook_of(book.model_dump() | {"codes": [c.model_dump() for c in codes]})
    word = "修改" if instead_of else "新增"
    return set_codebook(study, made, parent=parent, note=f"编码本{word}需求 {code.name}")


def _free(key: str, taken: set[str]) -> str:
    """The key, with a number behind it where another need (renamed since) has it."""
    return next(
        k for n in range(1, len(taken) + 2) if (k := key if n == 1 else f"{key}-{n}") not in taken
    )


def remove_code(study: Study, name: str, *, parent: int | None = None) -> Revision:
    """Take a need out of the codebook; what people coded is kept, should it come back (UnknownName)."""
    book = codebook(study)
    codes = list(book.codes)
    gone = codes.pop(_place(book, name))
    made = book.model_copy(update={"codes": tuple(codes)})
    return set_codebook(study, made, parent=parent, note=f"编码本删除需求 {gone.name}")


def _place(book: Codebook, name: str) -> int:
    found = book.named(name)
    if found is None:
        raise UnknownName("需求", name, [c.name for c in book.codes])
    return book.codes.index(found)


def import_codebook(study: Study, data: bytes, name: str, *, parent: int | None = None) -> Revision:
    """Take the codebook of a csv, xlsx or YAML file in the place of the study's (BadCodebook).

    Needs that the study knows under the same name keep what people coded.
    """
    book = read_codebook(data, name)
    if not book:
        raise BadCodebook("里面没有需求", "表头请写：需求、说明、规则（或关键词），一行一条规则。")
    return set_codebook(
        study, book, parent=parent, note=f"导入编码本 {name}：{len(book.codes)} 项需求"
    )


def codebook_files(study: Study) -> dict[str, bytes]:
    """The codebook as files: ending -> bytes."""
    book = codebook(study)
    table = table_of(book)
    return {
        "csv": exports.csv(table),
        "xlsx": exports.xlsx({"编码本": table}),
        "yaml": yaml_of(book).encode(),
    }


def code_text(
    study: Study, text_id: str, needs: Sequence[str], *, polarity: str = "", purpose: Purpose = "code", coder: str = ""
) -> None:  # fmt: skip
    """Record how a person codes one text, at once (UnknownName for a need that the codebook lacks)."""
    access.demand(EDIT)
    book = codebook(study)
    keys = tuple(book.codes[_place(book, name)].key for name in needs)
    store.keep_codes(
        study, [PersonCode(text_id, coder or access.actor().name, keys, polarity, purpose)]
    )


def undo_text(study: Study, *, coder: str = "") -> str | None:
    """Take back the last code of a person; the text it was given to."""
    access.demand(EDIT)
    return store.undo_code(study, coder=coder or access.actor().name)


def coded(study: Study) -> tuple[PersonCode, ...]:
    """What people coded, by text, coder and purpose."""
    return store.codes_of(study)


def import_codes(study: Study, data: bytes, name: str, *, coder: str = "") -> int:
    """Take codes made elsewhere: a table with 文本编号 and 需求 (several separated by 、); how many (BadCodebook).

    Raises
    ------
    BadCodebook : a column, a need or a text is unknown; nothing is taken.
    """
    access.demand(EDIT)
    said = voices(load(study))
    made = read_codes(data, name, codebook(study), known=set(said["text_id"]), coder=coder or access.actor().name)  # fmt: skip
    store.keep_codes(study, made)
    return len(made)


def codes_table(study: Study) -> pl.DataFrame:
    """What people coded, with the texts (masked): text_id, needs, polarity, coder, purpose, text."""
    texts = voices(load(study)).select("text_id", "text")
    return table_of_codes(store.codes_of(study), codebook(study), texts=texts)


def to_code(
    study: Study, *, within: Searchable, most: int = 50, coder: str = ""
) -> tuple[str, ...]:
    """Ids of the texts that teach the most, the first first; see ``insight.coding.queue``."""
    mine = {c.text_id for c in store.codes_of(study) if c.purpose == "audit" or c.coder == (coder or access.actor().name)}  # fmt: skip
    drawn = set(to_audit(within=within))
    recipe = store.head(study).recipe
    return next_texts(
        within.texts,
        within.clauses,
        recipe.codebook,
        done=mine | drawn,
        most=most,
        words=recipe.lexicon,
    )


def to_audit(*, within: Searchable, n: int = 0, seed: int = AUDIT_SEED) -> tuple[str, ...]:
    """Ids of a random sample of all texts, the same for everybody who checks with that seed.

    Parameters
    ----------
    n : 0 = 50, of few texts a third, so that the others can teach
    """
    size = n or min(AUDIT_SIZE, max(len(within.texts) // 3, 1))
    return audit_sample(within.texts["text_id"].to_list(), n=size, seed=seed)


def sheet_to_code(study: Study, *, n_next: int = 0, n_audit: int = 0, seed: int = AUDIT_SEED, coder: str = "") -> pl.DataFrame:  # fmt: skip
    """A table to fill in and to import again: 文本编号, 需求 [empty], 情感, 用途, 原话."""
    within = searchable(study)
    ids = to_audit(within=within, n=n_audit, seed=seed) if n_audit else to_code(study, within=within, most=n_next, coder=coder)  # fmt: skip
    asked = pl.DataFrame({"text_id": ids}, schema={"text_id": pl.String})
    told = asked.join(within.texts.select("text_id", "text"), on="text_id", maintain_order="left")
    empty = pl.lit("")
    return told.select(文本编号="text_id", 需求=empty, 情感=empty, 用途=pl.lit("抽查" if n_audit else "编码"), 原话="text")  # fmt: skip


def proposed(within: Searchable, book: Codebook, *, text_id: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """One text, the needs (keys) that the rules find in it, and the words they look for."""
    at = within.texts["text_id"].index_of(text_id)
    found = (
        hits(within.clauses.filter(pl.col("at") == at), trees_of(book))["need"].unique().to_list()
    )
    words = [w for key in sorted(found) for w in wanted(trees_of(book)[key])]
    return within.texts["text"][at or 0], tuple(sorted(found)), tuple(words)
