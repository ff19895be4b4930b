"""What is shipped: every library pinned and above the floors, an image without secrets or root."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from insight.settings import Settings

ROOT = Path(__file__).parents[1]
# The versions that the decisions on reliability were tried with; older ones behave otherwise.
TRIED = {"streamlit": "1.67", "polars": "2.1", "duckdb": "2.0", "fastexcel": "0.21", "python-docx": "1.2"}  # fmt: skip
# The first versions without a known hole that an upload or a visitor could reach, with the advisory.
MENDED = {
    "h11": "0.16.0",  # CVE-2025-43859, request smuggling
    "jinja2": "3.1.6",  # CVE-2025-27516, out of the sandbox
    "lxml": "4.9.1",  # CVE-2022-2309, crash on a forged document
    "pillow": "10.3.0",  # CVE-2024-28219, overflow
    "protobuf": "6.31.1",  # CVE-2025-4565, endless recursion
    "pyarrow": "14.0.1",  # CVE-2023-47248, code in a Parquet file
    "python-multipart": "0.0.18",  # CVE-2024-53981, log flood by an upload
    "pyyaml": "5.4",  # CVE-2020-14343, code in a codebook
    "requests": "2.32.4",  # CVE-2024-47081, leak of .netrc
    "scikit-learn": "1.5.0",  # CVE-2024-5206, words kept in the vectoriser
    "starlette": "0.49.1",  # CVE-2025-62727, Range headers that block the server
    "urllib3": "2.5.0",  # CVE-2025-50181, redirects
}
OPTIONAL = {"pyspark"}  # asked for by --engine spark alone; installed by whoever has a cluster
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def pins(name: str) -> dict[str, tuple[Requirement, str]]:
    """Library -> its pin and the reason beside it."""
    found = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "-")):
            pin, _, reason = line.partition("#")
            found[canonicalize_name(Requirement(pin).name)] = (Requirement(pin), reason.strip())
    return found


def imported(*patterns: str) -> set[str]:
    """Top-level modules that these files import and that are neither Python's nor ours."""
    trees = [ast.parse(file.read_text("utf-8")) for pattern in patterns for file in ROOT.glob(pattern)]  # fmt: skip
    nodes = [node for tree in trees for node in ast.walk(tree)]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    whole = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}  # fmt: skip
    return {name.partition(".")[0] for name in plain | whole} - set(sys.stdlib_module_names) - {"insight", "pages"}  # fmt: skip


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_library_is_pinned_to_one_version_for_a_reason(name):
    for library, (pin, reason) in pins(name).items():
        assert [one.operator for one in pin.specifier] == ["=="], library
        assert reason, library


def test_every_library_that_the_program_imports_is_pinned_and_none_comes_by_chance():
    known = packages_distributions()
    named = pins("requirements.txt").keys()
    for module in imported("insight/**/*.py", "pages/**/*.py", "streamlit_app.py") - OPTIONAL:
        owners = {canonicalize_name(one) for one in known[module]}
        assert owners & named, f"{module} is not in requirements.txt"


def test_pins_and_what_is_installed_are_above_the_floors():
    pinned = pins("requirements.txt") | pins("requirements-dev.txt")
    for library, floor in (TRIED | MENDED).items():
        assert Version(version(library)) >= Version(floor), library
        if library in pinned:
            (only,) = pinned[library][0].specifier
            assert Version(only.version) >= Version(floor), library


def test_known_vulnerabilities_are_looked_up_by_one_target_that_the_checks_call():
    makefile, checks = ((ROOT / name).read_text("utf-8") for name in ("Makefile", ".ci/run"))
    assert re.search(r"^audit: .*\n(\t.*\n)*\t.*pip_audit --local --strict", makefile, re.MULTILINE)
    assert re.search(r"^\s+make audit$", checks, re.MULTILINE)
    assert "make audit was skipped" in checks


def instructions() -> list[tuple[str, str]]:
    """The steps of the image: word and the rest, continued lines joined."""
    lines = re.sub(r"\\\n", " ", DOCKERFILE).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#")]
    return [(word, " ".join(rest.split())) for word, rest in steps]


def last(word: str) -> str:
    return [rest for name, rest in instructions() if name == word][-1]


def test_the_image_stands_on_an_exact_python_and_ends_as_nobody_in_particular():
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base) for base in bases)
    assert last("USER") not in ("root", "0")
    words = [word for word, _ in instructions()]
    assert words.index("USER") < words.index("CMD")
    assert "RUN" not in words[words.index("USER") :]


def test_the_health_check_asks_streamlits_own_address_on_the_port_that_is_served():
    (check,) = re.findall(r"CMD (\[.*\])", last("HEALTHCHECK"))
    program, flag, code = json.loads(check)
    port = re.findall(r"--server\.port=(\d+)", last("CMD"))[0]
    assert (program, flag) == ("python", "-c")
    assert f"http://127.0.0.1:{port}/_stcore/health" in code
    compile(code, "HEALTHCHECK", "exec")
    assert last("EXPOSE") == port


def test_studies_and_keys_lie_on_the_volume_and_the_master_key_is_a_secret():
    given = dict(pair.split("=", 1) for pair in last("ENV").split())
    volume = Path(last("VOLUME"))
    assert volume in Path(given["INSIGHT_HOME"]).parents
    assert volume in Path(given["INSIGHT_KEYS_DIR"]).parents
    assert Path(given["INSIGHT_KEY_FILE"]).parent == Path("/run/secrets")
    fields = {f"INSIGHT_{name.upper()}" for name in Settings.model_fields} | {"INSIGHT_HOME"}
    assert {name for name in given if name.startswith("INSIGHT_")} <= fields


def test_the_image_carries_no_secret():
    assert not any(word in ("ADD", "ARG") for word, _ in instructions())
    assert not re.search(r"(?i)(password|token|secret)\w*=(?!/run/secrets/)", DOCKERFILE)
    first, *rest = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")]  # fmt: skip
    assert first == "*"
    assert {line for line in rest if line.startswith("!")} == {
        "!requirements.txt", "!streamlit_app.py", "!pages", "!insight", "!.streamlit/config.toml",
    }  # fmt: skip


def test_the_program_needs_nothing_but_what_the_image_holds(tmp_path):
    for name in ("pages", "insight"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "streamlit_app.py", tmp_path)
    (tmp_path / ".streamlit").mkdir()
    shutil.copy(ROOT / ".streamlit" / "config.toml", tmp_path / ".streamlit")
    code = "import streamlit_app\nfrom insight.analyses import catalogue\nfrom pages.ui.places import place_of\nprint(len({place_of(key).path for key in catalogue()}))"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr[-1_000:]
    assert int(done.stdout) > 10
