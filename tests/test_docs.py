"""The documents tell the truth about the tree."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

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


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


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
