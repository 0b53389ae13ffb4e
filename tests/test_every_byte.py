"""Every file of a folder that we write is in its SHA256SUMS, and whichever command reads a changed one names it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenewise.checksums import CHECKSUMS, recorded_checksums
from scenewise.cli import run
from scenewise.runs.thumbnails import THUMBNAILS
from writing_commands import AUTOENCODER

pytestmark = pytest.mark.slow
METHODS = {
    "fusion": "--method fusion",
    "object-memory": "--method object-memory",
    "autoencoder": AUTOENCODER,
    "autoencoder a scene": f"{AUTOENCODER.replace(' --keep-checkpoints 2', '')} --scope scene",
    "variational": AUTOENCODER.replace("autoencoder", "variational"),
}


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bytes") / "street"
    assert run(["street", str(folder), "--scenes", "4", "--videos", "2", "--frames", "40", "--size", "160x90"]) == 0
    return folder


@pytest.fixture(scope="module")
def features(street: Path) -> Path:
    folder = street.parent / "features"
    assert run(["extract", str(street), "--out", str(folder), "--encoder", "motion-grid"]) == 0
    return folder


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def unlisted(folder: Path) -> list[str]:
    """The files below `folder` that no SHA256SUMS there lists."""
    listed = {
        (sums.parent / name).relative_to(folder).as_posix()
        for sums in folder.rglob(CHECKSUMS)
        for name in recorded_checksums(sums.parent)
    }
    made_again = (CHECKSUMS, "index.html")  # nothing reads the page of scored videos
    return [name for name in files_of(folder) if name not in listed and not name.endswith(made_again)]


def changed(path: Path) -> Iterator[None]:
    """Change one byte of `path`, the last or one before it; on the next step it is as before."""
    before = path.read_bytes()
    place = len(before) - 1 if path.name != CHECKSUMS else 3  # of the list itself, a digit of its first line
    content = bytearray(before)
    content[place] ^= 1
    if path.name == CHECKSUMS:  # another digit, which an "a" or an "f" with one bit changed is not
        content[place] = ord("1") if before[place] == ord("0") else ord("0")
    path.write_bytes(content)
    yield
    path.write_bytes(before)


def told(capsys: pytest.CaptureFixture[str], words: list[str]) -> str:
    """What a command that has to notice prints."""
    capsys.readouterr()
    assert run(words) == 2, words
    error = capsys.readouterr().err
    assert "Traceback" not in error
    (line,) = [line for line in error.splitlines() if line.startswith("scenewise: ")]
    return line


def readers(trained: Path, out: Path) -> dict[str, list[list[str]]]:
    """{how names of a run's files begin: the commands that read them}."""
    report = ["report", str(trained), "--out", str(out / "page.html")]
    evaluate = ["evaluate", str(trained)]
    video = str(trained.parent.parent / "street/test/road/000.mp4")
    score = ["score", str(trained), video, "--out", str(out / "scored")]
    return {
        "evaluation-published/": [[*report, "--protocol", "published"]],
        "evaluation/": [report],
        "kept/": [[*evaluate, "--protocol", "published"]],
        "log.csv": [report],
        "scenes/": [report],
        "scenes.safetensors": [score],
        "backgrounds.safetensors": [score],
        "thumbnails.safetensors": [report, score],
        "run.json": [report, evaluate, score],
        CHECKSUMS: [score],
        "": [evaluate, score],
    }


@pytest.mark.parametrize("method", METHODS)
def test_a_run(features: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], method: str) -> None:
    trained = features.parent / method / "run"
    assert run(["train", str(features), "--out", str(trained), *METHODS[method].split()]) == 0
    assert not unlisted(trained) and (trained / THUMBNAILS).exists() == METHODS[method].endswith(("fusion", "memory"))
    assert run(["evaluate", str(trained)]) == 0
    if method in ("autoencoder", "variational"):
        assert run(["evaluate", str(trained), "--protocol", "published"]) == 0
        assert any(name.startswith("kept/") for name in files_of(trained))
    assert any(name.endswith("log.csv") for name in files_of(trained)) == (
        "memory" not in method and method != "fusion"
    )
    assert not unlisted(trained)
    begins = readers(trained, tmp_path)
    assert run(begins["evaluation/"][0]) == 0
    for name in files_of(trained):
        (commands,) = [begins[next(one for one in begins if name.startswith(one))]]
        if "kept/" in name:
            commands = begins["kept/"]
        for _ in changed(trained / name):
            for words in commands:
                assert Path(name).name in told(capsys, words) or name.endswith(CHECKSUMS), (name, words)
    assert all(run(commands[0]) == 0 for commands in (begins["evaluation/"], begins[""]))


def test_features(features: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files of test videos are read by `evaluate`, and all are found and made anew by `extract`."""
    assert not unlisted(features)
    copy, out = tmp_path / "features", tmp_path / "run"
    shutil.copytree(features, copy)
    assert run(["train", str(copy), "--out", str(out)]) == 0
    extract = ["extract", str(features.parent / "street"), "--out", str(copy), "--encoder", "motion-grid"]
    before = {name: (copy / name).read_bytes() for name in files_of(copy)}
    for name in files_of(copy):
        if not name.startswith(("train/road", "test/road", "backgrounds/", "manifest.json", CHECKSUMS)):
            continue
        of_videos = name.startswith(("train/", "test/")) and not name.endswith(("video.json", CHECKSUMS))
        for _ in changed(copy / name):
            if name.startswith("test/") and of_videos:
                assert Path(name).name in told(capsys, ["evaluate", str(out)])
            elif of_videos or name.startswith(("backgrounds/road", "manifest")):
                assert Path(name).name in told(capsys, ["train", str(copy), "--out", str(tmp_path / "other")])
            capsys.readouterr()
            assert run(extract) == 0 or "write the folder again" in capsys.readouterr().err
            if name.startswith(("train/", "test/")):
                assert "made anew" in " ".join(capsys.readouterr().err.split()), name
        assert run(extract) == 0
        assert {name: (copy / name).read_bytes() for name in files_of(copy)} == before, name


def test_a_scored_video(features: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained, out = features.parent / "scoring" / "run", tmp_path / "out"
    assert run(["train", str(features), "--out", str(trained)]) == 0
    score = ["score", str(trained), str(features.parent / "street/test/road/000.mp4"), "--out", str(out), "--annotate"]
    assert run([*score, "--scene", "road"]) == 0
    assert not unlisted(out)
    before = {name: (out / name).read_bytes() for name in files_of(out) if name != "index.html"}
    assert {"000/scores.csv", "000/objects.csv", "000/events.json", "000/annotated.mp4"} < before.keys()
    for name in before:
        next(changed(out / name))
        capsys.readouterr()
        assert run([*score, "--scene", "road"]) == 0, name
        assert "made anew, because they were changed" in " ".join(capsys.readouterr().err.split()), name
        now = {name: (out / name).read_bytes() for name in files_of(out) if name != "index.html"}
        assert now.keys() == before.keys() and not unlisted(out)
        assert {name for name in now if now[name] != before[name]} <= {"000/annotated.mp4", "000/SHA256SUMS"}  # threads


def test_a_street(street: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Footage is read by `extract`, labels by `evaluate`, all by `datasets check`; `street` writes them again."""
    assert not unlisted(street)
    copy, features, out = tmp_path / "street", tmp_path / "features", tmp_path / "run"
    shutil.copytree(street, copy)
    extract = ["extract", str(copy), "--out", str(features), "--encoder", "motion-grid", "--no-objects"]
    assert run(extract) == 0
    assert run(["train", str(features), "--out", str(out), *AUTOENCODER.split()]) == 0
    before = {name: (copy / name).read_bytes() for name in files_of(copy)}
    for name in before:
        if "road" not in name and "/" in name:
            continue
        for _ in changed(copy / name):
            capsys.readouterr()
            assert run(["datasets", "check", str(copy)]) == 2
            assert Path(name).name in capsys.readouterr().err or name == CHECKSUMS
            if name.startswith("labels/"):
                assert Path(name).name in told(capsys, ["evaluate", str(out)])
            if name.endswith(".mp4"):
                fresh = [*extract[:3], str(tmp_path / "fresh"), *extract[4:], "--strict"]
                assert Path(name).name in told(capsys, fresh)
            capsys.readouterr()
            if name != CHECKSUMS:
                assert (
                    run(["street", str(copy), "--scenes", "4", "--videos", "2", "--frames", "40", "--size", "160x90"])
                    == 0
                )
                assert "is written again" in " ".join(capsys.readouterr().err.split()), name
                assert {name: (copy / name).read_bytes() for name in files_of(copy)} == before
