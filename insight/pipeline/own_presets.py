"""The user's own presets: saved from a mapped source, listed, shown, removed; and what may be chosen."""

from __future__ import annotations

from insight import presets
from insight import study as store
from insight.clean import contents_of
from insight.errors import BadParameter, UnknownName
from insight.pipeline.changing import source_now
from insight.pipeline.kept import raw_of
from insight.presets import OwnPreset
from insight.settings import settings
from insight.study import Source, Study
from insight.worker import call


def own_presets() -> tuple[OwnPreset, ...]:
    """The user's presets, by name (UnreadableFile where one was damaged)."""
    return presets.stored(settings().presets_dir)


def preset_labels(table: str) -> dict[str, str]:
    """Everything that may be chosen as the preset of a table: own ones first -> how the screen calls it."""
    own = {o.name: f"我的预设“{o.name}”" for o in own_presets() if o.table == table}
    return own | platform_labels(table)


def platform_labels(table: str) -> dict[str, str]:
    """The key and the label of every platform's preset for a table."""
    return {p.key: p.label for p in presets.offered(table)}


def preset_text(name: str) -> str:
    """The own preset of that name, else the platform's of that key or label, as TOML (UnknownName)."""
    own = {o.name: o for o in own_presets()}
    return presets.written(own[name] if name in own else presets.find(name))


def save_preset(study: Study, index: int, name: str) -> OwnPreset:
    """Keep what the columns of one source are for the next file like it; no data is kept.

    Raises
    ------
    BadParameter : the name cannot be used, or a platform has it.
    """
    kept = presets.checked_name(name)
    taken = {word for p in presets.catalogue().values() for word in (p.key, p.label)}
    if kept in taken:
        raise BadParameter("预设名称", f"“{kept}”是平台预设的名称")
    source = source_now(study, index)
    own = call(_as_preset, study, source, kept, about=source.name, is_quick=True)
    presets.save(own, folder=settings().presets_dir)
    return own


def _as_preset(study: Study, source: Source, name: str) -> OwnPreset:
    raw = raw_of(study, source)
    return OwnPreset(
        name=name,
        table=source.table,
        base=source.preset or "",
        columns={c: source.roles.get(c, "") for c in raw.frame.columns if c != "__line__"},
        contents=contents_of(raw),
        decisions=source.decisions,
    )


def remove_preset(name: str) -> None:
    """Delete one of the user's presets; what was imported with it stays as it is (UnknownName)."""
    presets.remove(name, folder=settings().presets_dir)


def source_called(study: Study, said: str) -> int:
    """The place of a source that the user calls by its number from 1, its file, or its sheet (UnknownName)."""
    sources = store.head(study).recipe.sources
    if said.isdigit() and 1 <= int(said) <= len(sources):
        return int(said) - 1
    names = [_names(source) for source in sources]
    found = next((at for at, known in enumerate(names) if said in known), None)
    if found is None:
        raise UnknownName("数据来源", said, [known[0] for known in names])
    return found


def _names(source: Source) -> tuple[str, ...]:
    return (source.name, f"{source.name}｜{source.sheet}", source.sheet)
