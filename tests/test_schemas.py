"""What programs read has the form that `scenewise schema` prints, and the page on it names every schema."""

import json
from pathlib import Path
from typing import Any

import pytest

import scenewise
from json_schema import faults
from scenewise.cli import run
from scenewise.schemas import SCHEMAS, schema_of

PAGE = Path(scenewise.__file__).parents[2] / "docs" / "results-for-programs.md"
TRAIN = ["--method", "autoencoder", "--objective", "reconstruction", "--steps", "4", "--segments-per-scene", "4",
         "--width", "16", "--latent", "8", "--feed-forward", "16", "--checkpoint-every", "2"]  # fmt: skip


def printed(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> Any:
    """The JSON that a command prints."""
    capsys.readouterr()
    assert run([*map(str, arguments), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def require(name: str, value: Any) -> None:
    """What is valid by the schema, and no longer without one of its promised fields."""
    schema = schema_of(name)
    assert not faults(value, schema), name
    for field in schema["required"]:
        assert faults({key: one for key, one in value.items() if key != field}, schema)


@pytest.mark.slow
def test_every_result_has_the_form_of_its_schema(
    tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    extracted = printed(capsys, "extract", tiny_dataset, "--encoder", "motion-grid", "--no-objects")
    require("extract", extracted)
    trained = printed(capsys, "train", extracted["out"], *TRAIN)
    require("train", trained)
    require("metrics", printed(capsys, "evaluate", trained["run"]))
    require("metrics", json.loads(Path(trained["run"], "evaluation/metrics.json").read_text()))
    assert run(["evaluate", trained["run"], "--format", "json"]) == 0
    require("table", json.loads(capsys.readouterr().out))
    require("report", printed(capsys, "report", trained["run"]))
    videos = sorted((tiny_dataset / "test").rglob("*.mp4"))
    scored = printed(capsys, "score", trained["run"], *videos, "--threshold", "-5")
    require("score", scored)
    require("events", json.loads(Path(scored["videos"][0]["folder"], "events.json").read_text()))
    assert scored["videos"][0]["events"], "a low threshold finds some"
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    partly = printed(capsys, "score", trained["run"], videos[0], "broken.mp4", "--scene", "road", code=3)
    require("score", partly)
    assert [one["video"] for one in partly["failed"]] == ["broken.mp4"]


def test_a_schema_is_printed_and_an_unknown_one_has_a_neighbour(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "events"]) == 0
    assert json.loads(capsys.readouterr().out) == schema_of("events")
    assert run(["schema"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(SCHEMAS)
    assert run(["schema", "evnts"]) == 2 and "did you mean events?" in capsys.readouterr().err


def test_the_page_names_every_schema_and_every_field_that_it_promises() -> None:
    text = PAGE.read_text()
    for name in SCHEMAS:
        assert f"| `{name}` |" in text, name
    for name in ("metrics", "events", "table"):
        assert [field for field in schema_of(name)["required"] if f"`{field}`" not in text] == []
