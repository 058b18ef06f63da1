"""The pictures in the documents are those that this version draws."""

from __future__ import annotations

import runpy
from pathlib import Path


def test_the_committed_pictures_are_drawn_anew(project_root: Path) -> None:
    """Run examples/pictures.py after a change to the pictures, and look at them."""
    drawn = runpy.run_path(str(project_root / "examples" / "pictures.py"))["pictures"]()
    readme = (project_root / "README.md").read_text("utf-8")
    folder = project_root / "docs" / "pictures"
    assert set(drawn) == {path.name for path in folder.iterdir()}
    for name, picture in drawn.items():
        assert (folder / name).read_text("utf-8") == picture, name
        assert f"docs/pictures/{name}" in readme
