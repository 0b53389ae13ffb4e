"""The documents tell the truth about the tree."""

import importlib.util
import json
import re
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest
from PIL import Image

import scenewise
from scenewise.benchmark.forms import every_form
from scenewise.config import BenchmarkConfig
from scenewise.files import write_json
from scenewise.methods import METHODS

PACKAGE = Path(scenewise.__file__).parent
ROOT = PACKAGE.parents[1]
METRICS = """{
 "format": 1, "protocol": "strict", "scale": "scene", "scene_aware": true, "deterministic": true, "needs_objects": true,
 "seeds": [0], "encoder": "motion-grid", "encoder_digest": "aa", "frame_auc_micro": 0.64, "frame_auc_macro": 0.6,
 "macro": "defined", "macro_undefined": 0, "scene_auc": {"lawn": 0.7, "road": null}, "average_precision": 0.5,
 "equal_error_rate": 0.3, "constant_per_scene_auc": {"best": 0.674, "zero_or_one": 0.6}, "pairs_within_scene": 0.183,
 "event_auc": {"bicycle": {"where_abnormal": 0.972, "where_normal": 0.592}},
 "event_alarm_rate": {"bicycle": {"where_abnormal": 0.698, "where_normal": 0.004}},
 "videos": 1, "frames": 90, "abnormal_frames": 20,
 "per_video": [{"scene": "lawn", "name": "01", "frames": 90, "abnormal_frames": 20, "abnormal_ranges": [[5, 24]]}]
}"""


def test_the_map_names_nothing_that_is_gone() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = set(re.findall(r"`((?:[\w.]+/)*[\w]+\.py|(?:\w+/)+)`", text))
    gone = {name for name in named if not (PACKAGE / name).exists() and not (ROOT / name).exists()}
    assert named and not gone


def test_every_form_of_the_benchmark_is_described_once() -> None:
    named = re.findall(r"`([^`]+)`", "".join(_first_cells(ROOT / "docs" / "benchmark.md", "| `--methods` |")))
    assert sorted(named) == sorted([*every_form(BenchmarkConfig()), "package.module:Class", "all"])


def test_every_method_has_its_delay() -> None:
    named = re.findall(r"`([^`]+)`", "".join(_first_cells(ROOT / "docs" / "methods.md", "| seconds, default")))
    assert sorted(named) == sorted(METHODS)


def _first_cells(page: Path, head: str) -> list[str]:
    """The first cell of every row of the table whose head begins with `head`."""
    lines = page.read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(head)) + 2
    end = next(number for number in range(begin, len(lines)) if not lines[number].startswith("|"))
    return [line.split(" | ")[0] for line in lines[begin:end]]


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_links_between_documents_lead_somewhere() -> None:
    for page in PAGES:
        for target, place in re.findall(r"\]\((?!https?://)([^)#]*)(?:#([^)]+))?\)", page.read_text()):
            linked = page.parent / target if target else page
            assert linked.exists(), f"{page.name} links to {target}"
            assert not place or place in anchors(linked), f"{page.name} links to {target}#{place}"


def anchors(page: Path) -> set[str]:
    """What a link can name behind #: the headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_listed_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert not [page.name for page in (ROOT / "docs").glob("*.md") if f"](docs/{page.name})" not in text]


def test_the_messages_of_troubleshooting_are_the_programs() -> None:
    source = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    source = re.sub(r'"\s*\n\s*f?"', "", source)  # texts that are written over several lines
    cells = [
        cell
        for head in ("| message |", "| note |")
        for cell in _first_cells(ROOT / "docs" / "troubleshooting.md", head)
    ]
    assert len(cells) > 20
    for cell in cells:
        for piece in cell.removeprefix("| ").strip("`").split("..."):
            assert piece.strip() in source, f"no message of the program says {piece!r}"


def test_readmes_animation_is_ten_seconds_and_small() -> None:
    tool = make_pictures()
    assert f"](docs/{tool.ANIMATION.name})" in (ROOT / "README.md").read_text()
    assert tool.ANIMATION.stat().st_size < 1_500_000
    with Image.open(tool.ANIMATION) as animation:
        assert animation.n_frames == tool.SECONDS * tool.RATE and animation.width == tool.ANIMATION_WIDTH


def test_an_animation_shows_the_frames_of_its_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A video whose frame n is n times 8 bright, at 12.5 frames per second: frames 0, 3, 5 and 7 come first after 0,
    1/6, 2/6 and 3/6 seconds."""
    tool = make_pictures()
    monkeypatch.setattr(tool, "SECONDS", 1)
    monkeypatch.setattr(tool, "ANIMATION_WIDTH", 32)
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25, 2))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            picture = np.full((48, 64, 3), 8 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    shown = [np.asarray(picture).mean() / 8 for picture in tool.pictures_of(tmp_path / "a.mp4")]
    assert np.allclose(shown, [0, 3, 5, 7, 9, 11], atol=0.3)
    tool.animate(tmp_path / "a.mp4", tmp_path / "a.webp")
    with Image.open(tmp_path / "a.webp") as animation:
        assert animation.n_frames == 6 and animation.size == (32, 24)


def make_pictures() -> ModuleType:
    """docs/make_pictures.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("make_pictures", ROOT / "docs" / "make_pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_readmes_picture_and_table_are_of_the_same_demo() -> None:
    tool = make_pictures()
    block = tool.block_of((ROOT / "README.md").read_text())
    with Image.open(ROOT / "docs" / "report.png") as picture:
        assert picture.text[tool.TABLE] == tool.checksum(block), "run docs/make_pictures.py on one demo"


def test_readmes_table_has_the_figures_of_the_demos_metrics(tmp_path: Path) -> None:
    tool = make_pictures()
    command = "scenewise demo --config examples/demo.toml --out runs/demo"
    for name, within in (("fusion", 0.80061), ("reconstruction", 0.61949)):
        metrics = {
            **json.loads(METRICS),
            "title": f"{name}, scene-aware (as it is)",
            "method": name,
            "settings": {"name": name},
            "scene_auc_mean": within,
        }
        write_json(tmp_path / "runs" / name / "evaluation" / "metrics.json", metrics)
        write_json(tmp_path / "runs" / name / "run.json", {"commands": [command]})
    block = tool.demo_block(tmp_path)
    text = tool.with_block(f"before\n{tool.BEGIN}\nold\n{tool.END}\nafter\n", block)
    assert text == f"before\n{tool.BEGIN}\n{block}{tool.END}\nafter\n" and tool.block_of(text) == block
    assert "| fusion (default) | 80.1 | 64.0 | 97.2 / 59.2 |" in block
    assert "| reconstruction | 61.9 | 64.0 | 97.2 / 59.2 |" in block
    assert "| best constant per scene | 50.0 | 67.4 | 50.0 / 50.0 |" in block
    assert "`scenewise demo --config examples/demo.toml`" in block and "18.3 % of these pairs" in block
    with pytest.raises(ValueError, match="once each"):
        tool.with_block("no markers", block)
