"""The wheel alone, in an empty folder: nothing of the checkout is needed, and nothing of it is used.

What the wheel requires is linked into a fresh environment from this one, package by package, so that what is
used and not required is missing there.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement


@pytest.fixture
def empty() -> Iterator[Path]:
    """An empty folder that the database's system user can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="coopledger-test-") as folder:
        yield Path(folder)


def build_wheel(project_root: Path, folder: Path) -> Path:
    """Build the wheel from a copy of what it is made of."""
    sources = folder / "sources"
    shutil.copytree(
        project_root / "src",
        sources / "src",
        ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"),
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(project_root / name, sources / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-build-isolation", "--wheel-dir", folder, sources], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def required(names: list[str], extra: str = "") -> dict[str, Distribution]:
    """Return the distributions that are required, and what these require."""
    found: dict[str, Distribution] = {}
    waiting = [(name, extra) for name in names]
    while waiting:
        name, extra = waiting.pop()
        key = f"{name}[{extra}]"
        if key in found:
            continue
        found[key] = distribution(name)
        for line in found[key].requires or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(needed.name.lower(), e) for e in ("", *needed.extras)]
    return found


def install(wheel: Path, folder: Path) -> Path:
    """Make an environment with the wheel and what it requires; return its programs' folder."""
    venv.create(folder, symlinks=True, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    for name, package in required(["coopledger"]).items():
        if name == "coopledger[]":
            continue
        for file in package.files or ():
            top = site / file.parts[0]
            if file.parts[0] not in ("..", "__pycache__") and not top.exists():
                top.symlink_to(Path(str(package.locate_file(file.parts[0]))))
    subprocess.run([*pip, "check", "--quiet"], check=True)
    return folder / "bin"


def test_the_wheel_alone_does_the_main_job(project_root: Path, empty: Path) -> None:
    """From an empty folder: the chain's program is fetched, and orders become audited members."""
    wheel = build_wheel(project_root, empty)
    packed = {name for name in ZipFile(wheel).namelist() if name.startswith("coopledger/")}
    sources = (empty / "sources" / "src" / "coopledger").rglob("*")
    assert packed == {
        str(file.relative_to(empty / "sources" / "src")) for file in sources if file.is_file()
    }
    programs = install(wheel, empty / "environment")
    home = empty / "home"
    home.mkdir()
    for name in ("turah-positions.csv", "kinarya-map.toml", "AD-ART.md"):
        shutil.copy(project_root / "examples" / name, home)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COOPLEDGER_", "PYTHON", "VIRTUAL_ENV"))
    }
    environment |= {"XDG_CACHE_HOME": str(empty / "cache"), "PATH": f"{programs}:/usr/bin:/bin"}

    def coopledger(*words: str) -> str:
        done = subprocess.run(
            [programs / "coopledger", *words],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert str(project_root) not in done.stdout + done.stderr
        return done.stdout or done.stderr

    try:
        assert "Fetching anvil" in coopledger("up", "--time", "2026-11-30 09:00")
        coopledger("deploy")
        coopledger("bylaws", "AD-ART.md")
        coopledger("film", "add", "Turah", "--year", "2016", "--minutes", "83")
        tiers = ["--tier", "Tiket reguler=35000/10000", "--tier", "Tiket pelajar=20000/10000"]
        screening = ["--starts", "2026-12-05 19:00", "--venue", "Tegal", "--capacity", "400"]
        coopledger("screening", "add", "--film", "1", *screening, *tiers)
        orders = ["turah-positions.csv", "--map", "kinarya-map.toml", "--consent", "buyers"]
        imported = json.loads(coopledger("import-orders", *orders, "--format", "json"))
        coopledger("index", "rebuild")
        coopledger("register", "export", "register.pdf")
        audit = json.loads(coopledger("audit", "--format", "json"))
    finally:
        stopped = coopledger("down")
    assert imported["tickets"] == 236
    assert (audit["verdict"], audit["register"]["records"]) == ("agrees", imported["new_members"])
    assert "saved" in stopped
    assert "Fetching" not in coopledger("up")
    assert "saved" in coopledger("down")
