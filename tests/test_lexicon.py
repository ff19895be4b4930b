"""The words of a study are a recipe: edited, previewed, recorded, read from and written to text files."""

from __future__ import annotations

import pytest

from insight import pipeline
from insight import study as store
from insight.analyses import catalogue
from insight.cli import main
from insight.errors import BadLexicon, Conflict
from insight.pipeline.inputs import knows_words, result_digest
from insight.schema.lexicon import LONGEST_WORD, MOST_WORDS, Lexicon, lexicon_of
from insight.study import Recipe
from insight.text.recut import affected, touched
from insight.text.word_lists import read_words, said_in, with_list, written

FULL = lexicon_of({
    "words": [{"word": "续航焦虑", "frequency": 5, "tag": "n"}, {"word": "AirPods Pro"}, {"word": "小米 14"}],
    "apart": ["不锈钢"], "phrases": ["一台中等"], "stop_words": ["亲"], "kept_words": ["我们"],
    "synonyms": [{"word": "物流", "variants": ["快递", "配送"]}], "rejected": ["了一个"],
})  # fmt: skip


@pytest.fixture
def own(tmp_path):
    """A study of three reviews."""
    study = pipeline.new(tmp_path / "study")
    texts = (
        "评论编号,评论内容\n1,云感棉很软很舒服\n2,快递太慢，云感棉不错，云感棉好\n3,客服不理人\n"
    )
    pipeline.add(study, texts.encode(), name="评论.csv")
    return study


def test_a_lexicon_as_text_reads_back_the_same():
    assert with_list(Lexicon(), read_words(written(FULL))) == FULL
    assert not read_words(written(FULL)).bad


def test_a_user_dictionary_may_have_a_mark_blanks_frequencies_and_tags():
    listed = read_words(
        "\ufeff云感棉 10 nz\r\n\r\n# 注释\r\n绝绝子\t3\r\nusb c\r\niPhone 15\r\nAirPods Pro 3 n\r\n拼多多 nt"
    )
    told = [(e["word"], e["frequency"], e["tag"]) for e in listed.fields["words"]]
    assert told == [
        ("云感棉", 10, "nz"), ("绝绝子", 3, "n"), ("usb c", 0, "n"), ("iPhone 15", 0, "n"),
        ("AirPods Pro", 3, "n"), ("拼多多", 0, "nt"),
    ]  # fmt: skip


def test_lines_that_are_no_entry_are_told_with_their_number():
    listed = read_words(
        f"好\n{'长' * (LONGEST_WORD + 1)}\n[同义词]\n物流\n物流＝快递、配送\n[词典]\n"
    )
    assert [(line, reason) for line, _, reason in listed.bad] == [
        (2, "超过 40 个字"),
        (4, "应写成 标准词 = 同义词, 同义词"),
        (
            6,
            "没有这一节，可用：用户词、不合并的词、锁定短语、停用词、不停用的词、同义词、不收的新词",
        ),
    ]
    assert listed.fields["synonyms"] == [{"word": "物流", "variants": ["快递", "配送"]}]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": [{"word": " "}]}, "用户词：有一个词是空的"),
        ({"words": [{"word": "好", "tag": "名词"}]}, "词性“名词”应为 1 到 5 个小写字母"),
        ({"stop_words": ["长" * 41]}, "停用词：“长长长长长长长长长长长长……”超过 40 个字"),
        ({"synonyms": [{"word": "a", "variants": ["c"]}, {"word": "b", "variants": ["C"]}]}, "“C”既并入“a”又并入“b”"),
        ({"synonyms": [{"word": "a", "variants": ["b"]}, {"word": "b", "variants": ["c"]}]}, "“b”有自己的同义词，又并入“a”"),
        ({"phrases": [str(n) for n in range(MOST_WORDS + 1)]}, "锁定短语：超过 20,000 个"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_lexicon_is_said_in_one_sentence(fields, said):
    with pytest.raises(BadLexicon, match=said.replace("……", ".*")):
        lexicon_of(fields)


def test_the_order_of_entries_never_matters():
    turned = {
        k: v[::-1] if isinstance(v, list) else v for k, v in FULL.model_dump(mode="json").items()
    }
    assert lexicon_of(turned) == FULL


def test_an_edit_shows_the_texts_it_changes_before_and_after():
    texts = ["云感棉很软", "云感棉好云感棉", "客服不理人"]
    seen, n = affected(texts, Lexicon(), lexicon_of({"words": [{"word": "云感棉"}]}))
    assert n == 2
    assert seen["at"].to_list() == [1, 0]
    assert seen["before"][1] == "云感 / 棉 / （很） / 软"
    assert seen["after"][1] == "云感棉 / 很软"  # as jieba cuts it with this word
    assert seen["n_changed"][1] == 4 + 2  # four words are gone, two are new
    assert seen["n_changed"][0] > 6
    assert affected(texts, FULL, FULL)[1] == 0
    assert touched(FULL, Lexicon(simplify=True))[0] == "airpods pro"


def test_only_so_many_texts_are_shown_and_all_are_counted():
    texts = [f"云感棉{at}" for at in range(30)]
    seen, n = affected(
        texts, Lexicon(), lexicon_of({"stop_words": ["棉"], "words": [{"word": "云感棉"}]})
    )
    assert (len(seen), n) == (20, 30)


def test_an_edit_is_a_revision_and_changes_the_results_on_texts_only(own):
    before = {key: result_digest(own, key) for key in ("word_cloud", "topics", "rfm")}
    parent = store.head(own).id
    pipeline.set_lexicon(own, lexicon_of({"words": [{"word": "云感棉"}]}), parent=parent)
    changed = {key for key, digest in before.items() if result_digest(own, key) != digest}
    assert changed == {"word_cloud", "topics"}
    assert [w.word for w in pipeline.lexicon(own).words] == ["云感棉"]
    assert pipeline.load(own).lexicon == pipeline.lexicon(own)
    with pytest.raises(Conflict):
        pipeline.set_lexicon(own, Lexicon(), parent=parent)


def test_user_words_stop_words_and_synonyms_reach_the_analyses(own):
    def counted():
        return dict(
            pipeline.run(own, "word_cloud").tables["words"].select("word", "term_frequency").rows()
        )

    assert "云感棉" not in counted()
    fields = {"words": [{"word": "云感棉"}], "stop_words": ["棉"]}
    pipeline.set_lexicon(own, lexicon_of(fields))
    assert counted()["云感棉"] == 3
    pipeline.set_lexicon(own, lexicon_of({"stop_words": ["云感棉"], **fields, "synonyms": [{"word": "材料", "variants": ["云感棉"]}]}))  # fmt: skip
    assert counted()["材料"] == 3


def test_every_analysis_that_cuts_texts_is_worked_out_again_with_other_words():
    from test_layers import ROOT, _imports

    cutting = {"insight.text.tokenize.tagger", "insight.voices.with_words", "insight.tokens.tokens_of", "insight.text.topics.find_topics", "insight.voices.topics_of", "insight.contingency.of_words", "insight.needs.from_texts"}  # fmt: skip
    for key, analysis in catalogue().items():
        (file,) = (ROOT / "insight" / "analyses").glob(f"*/{key}.py")
        if _imports(file) & cutting:
            assert knows_words(analysis), key


def test_an_old_recipe_opens_without_words():
    assert Recipe.model_validate_json("{}").lexicon == Lexicon()


def test_a_study_keeps_its_words_to_itself(own, tmp_path):
    pipeline.set_lexicon(own, FULL)
    assert pipeline.lexicon(pipeline.new(tmp_path / "other")) == Lexicon()


def test_suggested_words_are_taken_or_never_suggested_again(own):
    pipeline.reject_words(own, ["了一个", "云感棉"])
    pipeline.accept_words(own, ["云感棉"])
    kept = pipeline.lexicon(own)
    assert ([w.word for w in kept.words], kept.rejected) == (["云感棉"], ("了一个",))


def test_a_million_words_are_read_and_those_that_are_said_are_taken(own, tmp_path):
    file = tmp_path / "词典.txt"
    listed = "\r\n".join([*(f"词{n}号" for n in range(1_000_000)), "云感棉", "不理人 5 v"])
    file.write_bytes(b"\xef\xbb\xbf" + listed.encode())
    read = pipeline.read_lexicon(own, file, name=file.name)
    assert (read.n_read, read.n_taken) == (1_000_002, 2)
    assert [w.word for w in read.lexicon.words] == ["不理人", "云感棉"]


def test_a_list_without_entries_is_said_in_one_sentence(own):
    with pytest.raises(BadLexicon, match="里没有可用的词"):
        pipeline.read_lexicon(own, b"# nothing\r\n", name="x.txt")


def test_words_are_kept_that_are_said_in_any_case():
    listed = read_words("ａＰＰ版\n云感棉\n没有人说")
    assert [e["word"] for e in said_in(listed, ["ＡＰＰ版很好用", "云感棉软"]).fields["words"]] == ["ａＰＰ版", "云感棉"]  # fmt: skip


def test_the_command_line_edits_previews_imports_and_exports(own, tmp_path, capsys):
    folder = str(own.path)
    assert main(["lexicon", folder, "--add", "云感棉", "--preview"]) == 0
    assert "3 条文本里有 2 条的切词会变" in capsys.readouterr().out
    assert pipeline.lexicon(own) == Lexicon()
    assert (
        main(["lexicon", folder, "--add", "云感棉", "--merge", "物流=快递，配送", "--stop", "亲"])
        == 0
    )
    assert "已记录" in capsys.readouterr().out
    out = tmp_path / "词库.txt"
    assert main(["lexicon", folder, "--remove", "亲", "配送", "--export", str(out)]) == 0
    assert "物流 = 快递\n" in out.read_text("utf-8")
    assert "亲" not in out.read_text("utf-8")
    stop = tmp_path / "停用词.txt"
    stop.write_bytes("亲们\n店家\n".encode("gb18030"))
    assert main(["lexicon", folder, "--import", str(stop), "--as", "停用词"]) == 0
    assert pipeline.lexicon(own).stop_words == ("亲们", "店家")
    assert main(["lexicon", folder, "--remove", "没有的词"]) == 1
    assert "没有的词" in capsys.readouterr().err
