"""Pictures of normal examples that travel with a run: which, how many bytes, what they show, when there are none."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from tiny_pictures import grey_film

from conftest import write_video
from scenewise.checksums import record_checksums
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import IntegrityError
from scenewise.features.store import FeatureStore
from scenewise.formats.pictures import jpeg_of, parse_jpeg
from scenewise.methods.scores import NormalExample, NormalExamples, NormalMemory
from scenewise.runs import choose_thumbnails, make_thumbnails
from scenewise.runs.choose_thumbnails import Footage, choose, most_alike
from scenewise.runs.make_thumbnails import longest
from scenewise.runs.make_thumbnails import make_thumbnails as made
from scenewise.runs.thumbnails import THUMBNAILS, Thumbnails, read_thumbnails, to_bytes

FRAMES, A_FRAME = 24, 10
"""Frames of each film; step in brightness from one frame to the next."""
BOX = (0.25, 0.25, 0.75, 0.75)


def memory_of(videos: list[tuple[str, str]], rows: int, seed: int, last: int = FRAMES) -> NormalMemory:
    """`rows` examples in random frames of `videos` in turn, and random looks."""
    random = np.random.default_rng(seed)
    examples = NormalExamples(
        videos,
        (np.arange(rows) % len(videos)).astype(np.int32),
        random.integers(0, last, rows).astype(np.int32),
        np.tile(np.array(BOX, np.float32), (rows, 1)),
    )
    return NormalMemory(examples, random.normal(size=(rows, 5)).astype(np.float32))


class Remembers:
    """What is asked of a scorer here; one of the user's own may be no more."""

    def __init__(self, of_scenes: Mapping[str, NormalMemory]) -> None:
        self.of_scenes = of_scenes

    def memories(self) -> Mapping[str, NormalMemory]:
        """See `MemoryScorer`."""
        return self.of_scenes


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    """Two scenes of two films; the frame number is the brightness, and the second scene is red."""
    folder = tmp_path_factory.mktemp("films")
    videos = []
    for scene, colour in (("a", (1, 1, 1)), ("b", (1, 0, 0))):
        for name in ("00", "01"):
            film = grey_film(folder / scene / f"{name}.mp4", FRAMES, A_FRAME, colour)
            videos.append(write_video(folder / "f", scene, name, "train", np.zeros((FRAMES, 4)), source=str(film)))
    return FeatureStore(folder / "f", Fingerprint({"kind": "test"}, {}), tuple(videos), {}, ())


def videos_of(store: FeatureStore, scene: str) -> list[tuple[str, str]]:
    return [(video.title, video.source) for video in store.of("train") if video.scene == scene]


@pytest.fixture(scope="module")
def scorer(store: FeatureStore) -> Remembers:
    return Remembers({scene: memory_of(videos_of(store, scene), 60, seed) for seed, scene in enumerate("ab")})


def colour_of(jpeg: bytes) -> NDArray[np.float64]:
    return np.asarray(parse_jpeg(jpeg), np.float64).mean(axis=(0, 1))


def sealed(folder: Path, thumbnails: Thumbnails) -> Path:
    (folder / THUMBNAILS).write_bytes(to_bytes(thumbnails))
    record_checksums(folder, [THUMBNAILS])
    return folder


def test_every_example_has_a_true_picture_of_itself_or_of_one_that_looks_like_it(
    store: FeatureStore, scorer: Remembers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose_thumbnails, "A_SCENE", 15)
    found = made(scorer, store)
    assert found is not None and to_bytes(found) == to_bytes(made(scorer, store)), "the same footage, the same bytes"
    kept = read_thumbnails(sealed(tmp_path, found))
    assert kept is not None and len(kept.jpegs) == 30
    for scene, memory in scorer.memories().items():
        own = [row for row in range(60) if not kept.of(scene, memory.examples[row]).similar]  # type: ignore[union-attr]
        assert len(own) == 15, "equally many of each scene"
        apart = np.linalg.norm(memory.appearance[:, None] - memory.appearance[own], axis=2)
        for row in range(60):
            nearest = own[int(apart[row].argmin())]  # the slow obvious way
            picture = kept.of(scene, memory.examples[row])
            assert picture is not None and picture.similar == (row not in own)
            grey = 10 + A_FRAME * int(memory.examples.frame[nearest])
            assert colour_of(picture.jpeg) == pytest.approx([grey, *[grey * (scene == "a")] * 2], abs=12)
    unknown = memory.examples[3]
    assert kept.of("elsewhere", unknown) is None
    assert kept.of("a", unknown._replace(row=60)) is None and kept.of("a", unknown._replace(row=-1)) is None


@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 99))
def test_the_most_alike_of_the_chosen(rows: int, count: int, seed: int) -> None:
    memory = memory_of([("train/a/00", "")], rows, seed)
    chosen = np.random.default_rng(seed).permutation(rows)[:count]
    alike = most_alike(memory, chosen)
    for row in range(rows):
        distances = [float(np.linalg.norm(memory.appearance[row] - memory.appearance[one])) for one in chosen]
        assert distances[alike[row]] == pytest.approx(min(distances), abs=1e-5)
    assert (alike[chosen] == np.arange(len(chosen))).all()


def test_the_file_is_no_larger_than_it_may_be(
    store: FeatureStore, scorer: Remembers, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = made(scorer, store)
    assert whole is not None and len(whole.jpegs) > 80
    for most in (len(to_bytes(whole)), len(to_bytes(whole)) - 1, 20_000, 8_000):
        monkeypatch.setattr(make_thumbnails, "MOST_BYTES", most)
        found = made(scorer, store)
        assert found is not None and most - 1000 < len(to_bytes(found)) <= most
        # The first of both scenes come first.
        assert abs(len(set(found.alike[0])) - len(set(found.alike[1]))) <= 1
        assert found.jpegs == whole.jpegs[: len(found.jpegs)]
    monkeypatch.setattr(make_thumbnails, "MOST_BYTES", 100)
    assert made(scorer, store) is None


def test_a_memory_that_scenes_share_shows_each_of_them_and_is_held_once(
    store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose_thumbnails, "A_SCENE", 4)
    both = memory_of([*videos_of(store, "a"), *videos_of(store, "b")], 80, 7)
    found = made(Remembers({"a": both, "b": both}), store)
    assert found is not None and len(found.alike) == 1 and dict(found.memories) == {"a": 0, "b": 0}
    red = [colour_of(jpeg)[1] < 5 for jpeg in found.jpegs]
    assert red.count(True) == red.count(False) == 4


def test_frames_beyond_the_budget_are_not_read() -> None:
    memory = memory_of([("train/a/00", ""), ("train/b/00", ""), ("gone", "")], 90, 3)
    footage = {"train/a/00": Footage("a", 10), "train/b/00": Footage("b", 0)}
    chosen = choose([memory], footage)
    assert chosen and all(memory.examples[one.row].frame < 10 and one.row % 3 == 0 for one in chosen)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.integers(8, 300))
def test_long_videos_share_what_short_ones_leave(lengths: list[int], most: int) -> None:
    limit = longest(lengths, most)
    assert sum(min(length, limit) for length in lengths) <= most
    if limit < max(lengths):
        assert sum(min(length, limit + 1) for length in lengths) > most


def test_videos_that_are_gone_or_none_give_no_pictures_and_a_note(
    store: FeatureStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (text := tmp_path / "notes.mp4").write_text("no video")
    sources = [store.videos[0].source, str(text), str(tmp_path / "gone.mp4"), str(tmp_path)]
    videos = tuple(replace(video, source=source) for video, source in zip(store.videos, sources, strict=True))
    moved = replace(store, videos=videos)
    scorer = Remembers({scene: memory_of(videos_of(moved, scene), 20, 1) for scene in "ab"})
    found = made(scorer, moved)
    assert found is not None and dict(found.memories) == {"a": 0}, "nothing of scene b can be shown"
    assert set(found.rows.tolist()) == set(range(0, 20, 2))
    assert "3 of 4 training videos cannot be read" in " ".join(capsys.readouterr().err.split())
    assert made(object(), moved) is None, "a scorer without a memory"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"jpegs": (b"\xff\xd8 no picture",)},
        {"alike": (np.array([0, 1, 0], np.uint16),)},
        {"memories": {"a": 1}},
        {"rows": np.array([0, 1], np.int32)},
    ],
)
def test_a_file_that_holds_something_else_is_one_clear_line(tmp_path: Path, change: dict[str, object]) -> None:
    jpeg = jpeg_of(Image.new("RGB", (8, 8)), 80)
    good = Thumbnails((jpeg,), np.array([1], np.int32), (np.array([0, 0, 0], np.uint16),), {"a": 0})
    example = NormalExample("train/a/00", "", 0, BOX, 1)
    kept = read_thumbnails(sealed(tmp_path, good))
    assert kept is not None and kept.of("a", example) == (jpeg, False)
    sealed(tmp_path, replace(good, **change))  # type: ignore[arg-type]
    with pytest.raises(IntegrityError, match=f"{THUMBNAILS}: .*train again"):
        read_thumbnails(tmp_path).of("a", example)  # type: ignore[union-attr]


def test_a_changed_byte_is_told_and_a_run_without_has_none(tmp_path: Path) -> None:
    assert read_thumbnails(tmp_path) is None
    sealed(tmp_path, Thumbnails((b"x",), np.zeros(1, np.int32), (np.zeros(2, np.uint16),), {"a": 0}))
    path = tmp_path / THUMBNAILS
    path.write_bytes(path.read_bytes()[:-1] + b"y")
    with pytest.raises(IntegrityError, match=THUMBNAILS):
        read_thumbnails(tmp_path)
    path.unlink()
    with pytest.raises(IntegrityError, match="missing"):
        read_thumbnails(tmp_path)
