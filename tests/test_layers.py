"""The data flows one way: a folder imports only from those above it, and only evaluation opens labels."""

import ast
from pathlib import Path

import scenewise

ROOT = Path(scenewise.__file__).parent
ORDER = [
    "errors",
    "config",
    "files",
    "claim",
    "progress",
    "device",
    "video",
    "datasets",
    "encoders",
    "objects",
    "features",
    "segments",
    "models",
    "losses",
    "run",
    "training",
    "scoring",
    "pipeline",
    "evaluation",
    "report",
    "score",
    "benchmark",
    "demo",
    "settings_file",
    "refused_paths",
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


def test_only_evaluation_opens_labels() -> None:
    readers = {
        path.relative_to(ROOT).parts[0] for path in ROOT.rglob("*.py") if "scenewise.labels.labels" in imports_of(path)
    }
    assert readers <= {"evaluation"}
    # np.load is how labels are read; nothing above evaluation calls it.
    callers = {path.relative_to(ROOT).parts[0] for path in ROOT.rglob("*.py") if "np.load(" in path.read_text()}
    assert callers <= {"evaluation", "report"}


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
        assert "torch.load(" not in text and "allow_pickle=True" not in text, path
