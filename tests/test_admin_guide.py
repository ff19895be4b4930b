"""The administrator's guide: every command, setting and example in it exists as it is written."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from streamlit import config

from insight.access import ROLE_LABELS
from insight.cli import parser
from insight.settings import Settings

ROOT = Path(__file__).parents[1]
GUIDES = {
    name: (ROOT / "docs" / name).read_text("utf-8") for name in ("admin.zh-CN.md", "admin.md")
}
each_guide = pytest.mark.parametrize("name", GUIDES)


def blocks(name: str, language: str = r"\w+") -> list[str]:
    """The examples of a guide in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDES[name], re.MULTILINE | re.DOTALL)


def commands(name: str) -> list[list[str]]:
    """The words after ``python -m insight``, of every example and every sentence."""
    found = re.findall(r"python -m insight ([^`&;|\n]+)", GUIDES[name])
    return [[word for word in shlex.split(one) if word != "done"] for one in found]


@each_guide
def test_every_command_of_the_guide_is_understood(name):
    assert {words[0] for words in commands(name)} >= {"backup", "restore", "verify", "forget", "audit", "refresh", "status"}  # fmt: skip
    for words in commands(name):
        parser(words[0]).parse_args(words)


@each_guide
def test_every_setting_of_the_guide_exists(name):
    fields = {f"INSIGHT_{field.upper()}" for field in Settings.model_fields} | {"INSIGHT_HOME"}
    assert set(re.findall(r"INSIGHT_[A-Z_]*[A-Z]", GUIDES[name])) <= fields
    options = {option.env_var for option in config.get_config_options().values()}
    assert set(re.findall(r"STREAMLIT_[A-Z_]*[A-Z]", GUIDES[name])) <= options


@each_guide
def test_defaults_in_the_guide_are_those_of_the_program(name):
    rows = dict(re.findall(r"^\| `INSIGHT_(\w+)` \| (\d+) \|", GUIDES[name], re.MULTILINE))
    assert {key: Settings.model_fields[key.lower()].default for key in rows} == {
        key: int(value) for key, value in rows.items()
    }
    assert len(rows) >= 4


@each_guide
def test_the_example_of_a_sign_in_has_what_streamlit_asks_for(name):
    (secrets,) = (tomllib.loads(one) for one in blocks(name, "toml"))
    assert set(secrets["auth"]) == {"redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url"}  # fmt: skip
    assert secrets["auth"]["redirect_uri"].endswith("/oauth2callback")


@each_guide
def test_the_example_of_a_container_fits_the_image(name):
    (composed,) = (yaml.safe_load(one) for one in blocks(name, "yaml"))
    service = composed["services"]["insight"]
    image = (ROOT / "Dockerfile").read_text("utf-8")
    assert all(f"/run/secrets/{secret}" in image or f"/run/secrets/{secret}" in service["environment"].values() for secret in service["secrets"])  # fmt: skip
    assert service["secrets"] == list(composed["secrets"])
    (volume,) = service["volumes"]
    assert f"VOLUME {volume.split(':')[1]}" in image
    (port,) = service["ports"]
    assert port.startswith("127.0.0.1:")
    assert f"EXPOSE {port.split(':')[2]}" in image


@each_guide
def test_a_proxy_passes_the_websocket_and_the_largest_upload_on(name):
    whole = " ".join(blocks(name, "nginx"))
    for line in ("proxy_set_header Upgrade $http_upgrade;", 'proxy_set_header Connection "upgrade";', "proxy_set_header Host $host;"):  # fmt: skip
        assert line in whole
    most = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["server"]["maxUploadSize"]  # fmt: skip
    assert f"client_max_body_size {most}m;" in whole
    assert f"max_size {most}MB" in " ".join(blocks(name, "caddy"))


def test_both_languages_have_the_same_examples_settings_and_chapters():
    first, second = GUIDES
    assert blocks(first) == blocks(second)
    names = [set(re.findall(r"`([A-Z]+_[A-Z_]+)`", text)) for text in GUIDES.values()]
    assert names[0] == names[1]
    depths = [re.findall(r"^(#+) ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE) for text in GUIDES.values()]  # fmt: skip
    assert depths[0] == depths[1]


def test_the_chinese_guide_names_every_role():
    assert set(ROLE_LABELS.values()) <= set(re.findall(r"^\| (\S+) \|", GUIDES["admin.zh-CN.md"], re.MULTILINE))  # fmt: skip


@each_guide
def test_links_between_the_guides_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)#]+)\)", GUIDES[name]):
        assert (ROOT / "docs" / target).is_file()
