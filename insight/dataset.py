"""What an analysis is given: the typed tables of a study, joined to customers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import narwhals as nw
import polars as pl

from insight import ledger
from insight.schema import Definitions, Questionnaire
from insight.schema.campaigns import Campaign, Promise
from insight.schema.codebook import Codebook
from insight.schema.lexicon import Lexicon
from insight.schema.topic_edits import TopicEdit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where what was worked out of a dataset outlives it: of a study, its store.

    Attributes
    ----------
    found : (kind, name of the inputs) -> what was added under it, in that order; () = nothing
    add : (kind, name of the inputs, bytes)
    """

    found: Callable[[str, str], tuple[bytes, ...]] = lambda _kind, _inputs: ()
    add: Callable[[str, str, bytes], None] = lambda _kind, _inputs, _data: None


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """How a value is written as bytes and read back."""

    written: Callable[[T], bytes]
    read: Callable[[bytes], T]


class Memo:
    """What was worked out of one dataset and several analyses ask for; it goes with the dataset.

    Attributes
    ----------
    shelf : keeps what shall outlive it
    """

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.shelf = shelf or Shelf()
        self._known: dict[Hashable, object] = {}

    def once(self, inputs: Hashable, work: Callable[[], T]) -> T:
        """What ``work`` gives, asked once for equal inputs; they name everything that it depends on."""
        if inputs not in self._known:
            self._known[inputs] = work()
        value: T = self._known[inputs]  # type: ignore[assignment]
        return value

    def hold(self, inputs: Hashable, value: object) -> None:
        """Know ``value`` for these inputs from now on."""
        self._known[inputs] = value

    def kept(self, kind: str, inputs: str, work: Callable[[], T], *, form: Form[T]) -> T:
        """As ``once``, and on the shelf: asked once for equal inputs in the life of a study."""
        return self.once((kind, inputs), lambda: self._shelved(kind, inputs, work, form))

    def _shelved(self, kind: str, inputs: str, work: Callable[[], T], form: Form[T]) -> T:
        if found := self.shelf.found(kind, inputs):
            return form.read(found[0])
        made = work()
        self.shelf.add(kind, inputs, form.written(made))
        return made


@dataclass(frozen=True, slots=True)
class Dataset:
    """The tables of one revision of a study; absent tables are None.

    Attributes
    ----------
    orders : (n_lines) lazy, on the engine the user chose; of a study also folded to whole orders
        (``ledger.Ledger``). Only ``insight.ledger`` touches it.
        ``customer_id`` is null where a line has no usable key; ``amount`` [CNY, refunds negative];
        ``ordered_at`` [Int64, seconds of the shop's local clock]
    customers : (n_customers) customer_id and attributes
    responses : (n_respondents) respondent_id, customer_id (null where unmatched), question columns
    texts : (n_texts) text_id, text, and where known respondent_id, customer_id, question, source,
        document, speaker, role ("participant" | "interviewer"), said_at, rating
    questionnaire : the questions behind the columns of ``responses``
    waterfall : file, step, label, applies, n_met, amount_met, n_rows, n_orders, amount: how raw order
        rows became the lines of ``orders``, file by file (see ``insight.clean.waterfall``)
    designs : (n_rows) design [file], version, task, alternative, item [where known], and what was shown:
        one column per attribute, as text
    definitions : what the study means by an RFM group, a high-ticket customer and a cluster
    events : (n_events) lazy, on the engine of the orders: customer_id [null where unknown], event,
        event_at [as ordered_at], item and session where known. Only ``insight.ledger`` touches it.
    lexicon : the words of the study: what is one word, left out or counted together
    codebook : the needs that texts are coded into; empty where the study has none
    topic_edits : what people changed of the topics, in this order
    codes : (n_codes) text_id, coder, purpose ["code" | "audit"], needs [list of keys], polarity: what
        people coded by hand
    quality : (all respondents) what the checks found, see ``insight.quality``, and is_left_out; those
        are in neither ``responses`` nor ``texts``
    playbook : the rules of the strategy as YAML; "" = those that come with the product
    campaigns, promises : what was started and promised, in this order
    lists : sha256 -> the people of a campaign (customer_id, arm) or of a promise (customer_id)
    memo : shared with every part of this dataset that is cut out of it
    """

    orders: ledger.Orders | None = None
    customers: pl.DataFrame | None = None
    responses: pl.DataFrame | None = None
    texts: pl.DataFrame | None = None
    designs: pl.DataFrame | None = None
    events: nw.LazyFrame[Any] | None = None
    questionnaire: Questionnaire = field(default_factory=Questionnaire)
    definitions: Definitions = field(default_factory=Definitions)
    lexicon: Lexicon = field(default_factory=Lexicon)
    codebook: Codebook = field(default_factory=Codebook)
    topic_edits: tuple[TopicEdit, ...] = ()
    codes: pl.DataFrame | None = None
    quality: pl.DataFrame | None = None
    waterfall: pl.DataFrame | None = None
    playbook: str = ""
    campaigns: tuple[Campaign, ...] = ()
    promises: tuple[Promise, ...] = ()
    lists: Mapping[str, pl.DataFrame] = field(default_factory=lambda: MappingProxyType({}))
    memo: Memo = field(default_factory=Memo, repr=False, compare=False)

    def columns(self, table: str) -> frozenset[str]:
        """Names of the columns that ``table`` really has; empty where the table is absent."""
        frame = getattr(self, table)
        if frame is None:
            return frozenset()
        is_lazy = table in {"orders", "events"}
        return ledger.columns(frame) if is_lazy else frozenset(frame.columns)
