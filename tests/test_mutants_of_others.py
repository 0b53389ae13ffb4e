"""Damaged files that others made, at the place where each format is read: one clear line, or no harm."""

import json
from collections.abc import Callable
from pathlib import Path

import av
import h5py
import numpy as np
import pytest
from PIL import Image

from conftest import write_mp4
from mutants import COUNT, DEEP, escapes, mutants_of
from scenewise.cli.app import app
from scenewise.cli.config_file import config_file
from scenewise.datasets import LabelSource, load_dataset
from scenewise.errors import DataError
from scenewise.features.foreign_file import open_foreign
from scenewise.features.ignore_mask import IgnoreMask
from scenewise.labels.labels import listed_keys, read_events, read_labels, read_masks
from scenewise.video.decode import ToRgb
from scenewise.video.source import open_source

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")

FRAMES = 30
random = np.random.default_rng(0)
FEATURES = random.normal(size=(FRAMES, 6)).astype(np.float32)
LABELS = (np.arange(FRAMES) > 20).astype(np.uint8)
PICTURE = random.integers(0, 256, (24, 32, 3), np.uint8)
MASK = np.kron(np.eye(4), np.ones((6, 8))).astype(np.uint8) * 255

Read = Callable[[], object]


def all_features(path: Path) -> None:
    with open_foreign(path) as features:
        features.read(0, features.frames)


HDF5: dict[str, dict[str, object]] = {
    "contiguous": {},
    "chunks": {"chunks": (7, 4)},
    "gzip, shuffled": {"compression": "gzip", "chunks": (7, 4), "shuffle": True},
    "with checksums": {"chunks": (7, 4), "fletcher32": True, "compression": "gzip", "shuffle": True},
    "lzf": {"compression": "lzf", "chunks": (7, 4)},
    "scaled": {"scaleoffset": 3, "chunks": (7, 4)},
}


@pytest.mark.parametrize("kind", ["a data set a frame", "newest format", *HDF5])
def test_features_in_hdf5(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "video.h5"
    with h5py.File(path, "w", libver="latest" if kind == "newest format" else None) as file:
        if kind in HDF5:
            file.create_dataset("features", data=FEATURES, **HDF5[kind])
        else:
            for number, frame in enumerate(FEATURES):
                file[f"{number:02d}"] = frame[None]
    assert not escapes(mutants_of(path), path, lambda: all_features(path))


def test_an_hdf5_chunk_shorter_than_its_checksum_does_not_end_the_process(tmp_path: Path) -> None:
    """HDF5 takes the checksum's 4 bytes from a length of 3, and reads four gigabytes past the end."""
    path = tmp_path / "video.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("features", data=FEATURES, chunks=(FRAMES, 6), fletcher32=True)
    stored = (FEATURES.nbytes + 4).to_bytes(4, "little")
    content = path.read_bytes()
    assert content.count(stored) == 1
    path.write_bytes(content.replace(stored, (3).to_bytes(4, "little")))
    with pytest.raises(DataError, match="chunks that do not lie in the file"):
        all_features(path)


def arrays(folder: Path) -> dict[str, tuple[Path, Read]]:
    """{kind: file, and how it is read}."""

    def saved(name: str, array: np.ndarray) -> Path:
        np.save(folder / name, array)
        return folder / name

    def labels(path: Path, kind: str, key: str | None = None) -> Read:
        source = LabelSource(path, kind, key)  # type: ignore[arg-type]
        return lambda: (read_labels(source, FRAMES), listed_keys(path, source.kind))

    features, frames = saved("features.npy", FEATURES), saved("labels.npy", LABELS)
    masks, part = saved("masks.npy", np.zeros((FRAMES, 4, 5), np.uint8)), saved("part.npy", np.tile(LABELS, 2))
    np.savez(folder / "plain.npz", **{"01": LABELS})
    np.savez_compressed(folder / "packed.npz", **{"01": LABELS})
    return {
        "features": (features, lambda: all_features(features)),
        "frame labels": (frames, labels(frames, "npy")),
        "masks": (masks, lambda: list(read_masks(LabelSource(masks, "npy"), FRAMES))),
        "part": (part, labels(part, "npy-part", f"{FRAMES}-{2 * FRAMES}/{2 * FRAMES}")),
        "archive": (folder / "plain.npz", labels(folder / "plain.npz", "npz", "01")),
        "packed archive": (folder / "packed.npz", labels(folder / "packed.npz", "npz", "01")),
    }


@pytest.mark.parametrize("kind", ["features", "frame labels", "masks", "part", "archive", "packed archive"])
def test_arrays_of_numpy(tmp_path: Path, kind: str) -> None:
    path, read = arrays(tmp_path)[kind]
    assert not escapes(mutants_of(path), path, read)


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 768), }",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 6), }",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999, 6), }",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': ((30, 6), }",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': " + b"(" * 4000 + b"}",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': '''",
        b"\0" * 64,
    ],
)
@pytest.mark.parametrize("archived", [False, True])
def test_headers_of_npy(tmp_path: Path, header: bytes, archived: bool) -> None:
    header += b" " * (-len(header) % 64) + b"\n"
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + LABELS.tobytes()
    (tmp_path / "labels.npy").write_bytes(content)
    source = LabelSource(tmp_path / "labels.npy")
    if archived:
        import zipfile

        with zipfile.ZipFile(tmp_path / "labels.npz", "w") as archive:
            archive.write(tmp_path / "labels.npy", "01.npy")
        source = LabelSource(tmp_path / "labels.npz", "npz", "01")
    with pytest.raises(DataError, match=r"labels\.np[yz]: .* damaged") as caught:
        read_labels(source, FRAMES)
    assert "\n" not in str(caught.value)


def texts(folder: Path) -> dict[str, tuple[Path, Read]]:
    """{kind: file, and how it is read}."""

    def written(name: str, text: str) -> Path:
        (folder / name).write_text(text)
        return folder / name

    ranges = written(
        "gt.m", "TestVideoFile = {};\nTestVideoFile{end+1}.gt_frame = [5:9, 14:20];\n"
        "TestVideoFile{end+1}.gt_frame = [1:30];\n"
    )  # fmt: skip
    tracks = written("tracks.txt", "\n".join(f"{i:06d}.jpg 1 50.5 40 20 30" for i in range(1, FRAMES + 1)))
    event = {"class": "bike", "first_frame": 4, "last_frame": 9, "abnormal": True, "boxes": [[4, 0, 0.25, 0.5, 1]]}
    events = written("events.json", json.dumps([event, event]))
    settings = written("c.toml", 'fps = 25.0\nencoder = "motion-grid"\nmean = [0.1, 0.2, 0.3]\nobjects = false\n')
    for split in ("train", "test"):
        write_mp4(folder / f"data/{split}/00.mp4", 2)
    described = {
        "format": 1, "fps": 25, "scenes": {"a": {"normal_classes": ["person"], "fps": 10}},
        "videos": [
            {"scene": "a", "name": "00", "split": "train", "path": "train/00.mp4"},
            {"scene": "a", "name": "00", "split": "test", "path": "test/00.mp4",
             "labels": {"path": "test/00.mp4", "kind": "npz", "key": "00"}, "events": None, "fps": 10},
        ],
    }  # fmt: skip
    return {
        "ranges": (ranges, lambda: read_labels(LabelSource(ranges, "ucsd-m", "1"), FRAMES)),
        "tracks": (tracks, lambda: list(read_masks(LabelSource(tracks, "tracks", "100x80"), FRAMES))),
        "events": (events, lambda: read_events(events, FRAMES)),
        "settings": (settings, lambda: config_file(app, ["extract", "--config", str(settings)])),
        "data set": (written("data/dataset.json", json.dumps(described)), lambda: load_dataset(folder / "data")),
    }


@pytest.mark.parametrize("kind", ["ranges", "tracks", "events", "settings", "data set"])
def test_text_files(tmp_path: Path, kind: str) -> None:
    path, read = texts(tmp_path)[kind]
    assert not escapes(mutants_of(path), path, read)


@pytest.mark.parametrize("nested", ["a = " + "[" * DEEP, "a = " + "{a=" * 5000, "a." * 5000 + "b = 1"])
def test_deep_settings(tmp_path: Path, nested: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text("fps = 25.0\n")
    assert not escapes([nested.encode()], path, lambda: config_file(app, ["extract", "--config", str(path)]))


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif", "gif", "webp"])
@pytest.mark.parametrize("kind", ["grey", "colours", "palette"])
def test_ignore_masks(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / f"walk.{suffix}"
    picture = Image.fromarray(MASK) if kind == "grey" else Image.fromarray(PICTURE)
    if kind == "palette" and suffix not in ("jpg", "webp"):
        picture = picture.quantize()
    picture.save(path, **({"compression": "tiff_lzw"} if suffix == "tif" else {}))
    assert not escapes(mutants_of(path), path, lambda: IgnoreMask(path))


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif"])
def test_masks_in_pictures(tmp_path: Path, suffix: str) -> None:
    for number in range(2):
        Image.fromarray(MASK).save(tmp_path / f"{number}.{suffix}")
    path = tmp_path / f"1.{suffix}"
    source = LabelSource(tmp_path, "mask-folder")
    assert not escapes(mutants_of(path), path, lambda: list(read_masks(source, 2)))


def test_a_small_picture_that_claims_many_pixels_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "walk.bmp"
    Image.fromarray(MASK).save(path)
    content = path.read_bytes()
    huge = content[:18] + (12_000).to_bytes(4, "little") + (14_000).to_bytes(4, "little") + content[26:]
    assert not escapes([huge], path, lambda: IgnoreMask(path))


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp4", "libx264"), ("avi", "mpeg4"), ("mkv", "libx264"), ("ts", "libx264")]
)
def test_videos(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"video.{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(8):
            picture = np.random.default_rng(number).integers(0, 256, (48, 64, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    assert not escapes(mutants_of(path), path, lambda: list(open_source(path).blocks(8)))


def test_a_frame_in_a_format_that_nothing_converts_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged header may state one; FFmpeg's converter then fails, and not its decoder."""
    path = write_mp4(tmp_path / "video.mp4", 8)
    expected = next(open_source(path).blocks(8))
    convert, calls = ToRgb.__call__, iter(range(8))

    def fails_once(self: ToRgb, frame: av.VideoFrame) -> np.ndarray:
        if next(calls) == 3:
            raise av.error.OSError(95, "Operation not supported")
        return convert(self, frame)

    monkeypatch.setattr(ToRgb, "__call__", fails_once)
    found = next(open_source(path).blocks(8))
    assert np.flatnonzero(found.lost).tolist() == [3]
    np.testing.assert_array_equal(np.delete(found.frames, 3, 0), np.delete(expected.frames, 3, 0))


@pytest.mark.slow
def test_matlab_files(tmp_path: Path) -> None:
    """Read by a process of their own, which takes half a second: fewer of them."""
    import scipy.io

    cell = np.empty((1, 2), dtype=object)
    cell[0, 0], cell[0, 1] = np.array([[5, 14], [9, 20]], np.uint16), np.array([[1], [30]], np.uint16)
    path = tmp_path / "gt.mat"
    scipy.io.savemat(path, {"gt": cell})
    few = [mutant for number, mutant in enumerate(mutants_of(path)) if number % (COUNT // 12) == 0]
    assert not escapes(few, path, lambda: read_labels(LabelSource(path, "mat-ranges", "1"), FRAMES))
