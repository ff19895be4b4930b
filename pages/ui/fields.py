"""One parameter of an analysis as a form asks for it: its label, its help, its names, and what nothing chosen means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from insight.currency import with_unit
from pages.ui.words import md_text

_LEFT_EMPTY = re.compile("留空(?:表示|为)?([^；，。]+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One parameter as the form asks for it: its field, its present value, and the names it may take."""

    name: str
    field: FieldInfo
    value: Any
    names: Mapping[str, str]

    @property
    def is_choice(self) -> bool:
        """Whether it names one of several things, even where the data have none of them."""
        extra = self.field.json_schema_extra
        return bool(self.names) or (isinstance(extra, dict) and "one_of" in extra)

    @property
    def is_idle(self) -> bool:
        """Whether it is a filter while there is no audience to choose."""
        extra = self.field.json_schema_extra
        return isinstance(extra, dict) and extra.get("one_of") == "filters" and not self.names

    @property
    def title(self) -> str:
        """The Chinese label."""
        return with_unit(self.field.title or self.name)

    @property
    def help(self) -> str | None:
        """The Chinese explanation, if there is one."""
        return md_text(self.field.description) if self.field.description else None

    @property
    def unset(self) -> str:
        """What choosing nothing means, in the words of the explanation; "" where that tells nothing."""
        told = self.field.description or ""
        if means := _LEFT_EMPTY.search(told):
            return "自动" if means[1].startswith("时") else means[1]
        return "自动" if "不选时" in told else ""
