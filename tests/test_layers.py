"""The data flows one way, only evaluation opens labels, and nothing outside methods/ knows a method."""

import ast
import re
from pathlib import Path

import scenewise

ROOT = Path(scenewise.__file__).parent
ORDER = [
    "errors",
    "counted",
    "did_you_mean",
    "names",
    "formats",
    "config",
    "files",
    "checksums",
    "text_file",
    "folders",
    "csv_cells",
    "visible",
    "templates",
    "progress",
    "lock",
    "output_folder",
    "plug_in",
    "clock",
    "device",
    "worker_pool",
    "video",
    "datasets",
    "recordings",
    "street",
    "encoders",
    "objects",
    "features",
    "scoring",
    "methods",
    "runs",
    "inference",
    "loaded",
    "labels",
    "dataset_tools",
    "evaluation",
    "published",
    "protocols",
    "results",
    "report",
    "benchmark",
    "demo",
    "try_recordings",
    "schemas",
    "cli",
    "__main__",
    "__init__",  # the public names, imported from everywhere when asked for
]


def layer_of(module: str) -> str:
    return module.removeprefix("scenewise").lstrip(".").split(".")[0] or "__init__"


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "scenewise":
            modules = {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in ROOT.rglob("*.py")}
            found |= {f"scenewise.{alias.name}" for alias in node.names if alias.name in modules}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name for name in found if name.split(".")[0] == "scenewise" and name != "scenewise"}  # but its version


def test_every_module_has_its_place_and_imports_only_from_above() -> None:
    wrong = []
    for path in sorted(ROOT.rglob("*.py")):
        own = path.relative_to(ROOT).parts[0].removesuffix(".py")
        assert own in ORDER, f"{own} has no place in the data flow"
        wrong += [
            f"{path.relative_to(ROOT)} imports {name}"
            for name in imports_of(path)
            if ORDER.index(layer_of(name)) > ORDER.index(own)
        ]
    assert not wrong


LABEL_READERS = {"labels", "evaluation", "dataset_tools"}
"""The only folders that may import anything of scenewise.labels: training cannot see test labels."""
ARRAY_READERS = LABEL_READERS | {"features", "report"}
"""The folders that read numpy's files: also imported features, and the scores that an evaluation wrote."""


def test_only_evaluation_and_the_data_set_tools_import_labels() -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] not in LABEL_READERS
        for name in imports_of(path)
        if f"{name}.".startswith("scenewise.labels.")
    }
    assert not wrong


def test_imports_are_found_in_every_form(tmp_path: Path) -> None:
    for line in (
        "import scenewise.labels.kinds",
        "from scenewise.labels.labels import read_labels",
        "from scenewise.labels import labels",
        "from scenewise import labels",
        "def late():\n    from scenewise import errors, labels as truths",
    ):
        (tmp_path / "module.py").write_text(line)
        assert any(f"{name}.".startswith("scenewise.labels.") for name in imports_of(tmp_path / "module.py")), line


def test_label_files_are_read_nowhere_else() -> None:
    importers = {
        path.relative_to(ROOT).parts[0]
        for path in ROOT.rglob("*.py")
        if any(f"{name}.".startswith("scenewise.formats.npy.") for name in imports_of(path))
        or re.search(r"from scenewise\.formats import .*\bnpy\b", path.read_text())
    }
    assert importers <= ARRAY_READERS


READERS = {
    r"\bnp\.load\(": {"labels/matlab.py"},  # what a process of ours wrote
    r"open_memmap\(|read_array\(|zipfile\.": {"formats/npy.py"},
    r"loadmat\(": {"labels/matlab.py"},
    r"h5py\.File\(": {"features/foreign_hdf5.py"},
    r"safetensors\.(numpy|torch) import load|safe_open": {"formats/tensors.py", "formats/torch_tensors.py"},
    r"\bImage\.open\(": {"formats/pictures.py", "video/picture_file.py", "report/sections/comparison.py"},
    r"tomllib\.load": {"cli/config_file.py"},
    r"csv\.(reader|DictReader)\(": {"formats/csv_table.py", "inference/tables.py"},
    r"load_by_framework\(|\.read_model\(": {"encoders/openvino_model.py"},
}
"""{what opens files of a format: where}: one place for each library, which answers for all that it raises."""


def test_each_format_is_opened_in_one_place() -> None:
    for opening, places in READERS.items():
        found = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py") if re.search(opening, path.read_text())}
        assert found == places, opening


def test_nothing_unpickles() -> None:
    forbidden = {"pickle", "joblib", "dill", "cloudpickle"}
    for path in ROOT.rglob("*.py"):
        text = path.read_text()
        names = {
            name.name.split(".")[0]
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Import)
            for name in node.names
        }
        assert not names & forbidden, path
        assert "allow_pickle=True" not in text, path
        if path.name == "efficientnet_lite0.py":  # weights of a package, pinned by their SHA-256
            assert text.count("torch.load(") == text.count("weights_only=True") == 1
        else:
            assert "torch.load(" not in text, path


METHOD_INTERFACE = {"scenewise.methods", "scenewise.methods.method", "scenewise.methods.scores"}
"""All that the rest of the program may import of methods/."""


def test_nothing_outside_methods_imports_a_method() -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] != "methods"
        for name in imports_of(path)
        if name.startswith("scenewise.methods") and name not in METHOD_INTERFACE
    }
    assert not wrong


def test_nothing_outside_methods_asks_which_method_it_is() -> None:
    asking = re.compile(
        r"remembers|by_scene|isinstance\([^)]*(scorer|method)|method(_name)?(\.name)? *(==|!=|in) *[(\"'{\[]"
    )
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] != "methods"
        for line in path.read_text().splitlines()
        if asking.search(line)
    ]
    assert not wrong


def test_only_the_protocols_table_names_the_published_protocol() -> None:
    wrong = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] != "published"
        and any(f"{name}.".startswith("scenewise.published.") for name in imports_of(path))
    }
    assert not wrong
