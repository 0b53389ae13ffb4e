"""What many tests start from: a small feature store that needs no video, and the real footage where it is."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import hypothesis
import numpy as np
import pytest

from scenewise.checksums import record_checksums
from scenewise.datasets import LabelSource
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.features.blocks import Block, write_block
from scenewise.features.store import VIDEO_JSON, FeatureStore, StoredVideo, write_store
from scenewise.files import write_json
from scenewise.objects.object_table import Objects

hypothesis.settings.register_profile("scenewise", deadline=None)  # no test asserts a time
hypothesis.settings.load_profile("scenewise")

CACHE = tempfile.TemporaryDirectory(prefix="scenewise-cache-")
os.environ["XDG_CACHE_HOME"] = CACHE.name  # converted towers are kept there, and not in the home of whoever runs tests
os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is loaded; threads only slow tiny models down


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "native_bfloat16: needs a processor that computes bfloat16 natively")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is marked `native_bfloat16` on a processor that `--precision bfloat16` is refused on."""
    if item.get_closest_marker("native_bfloat16"):
        from scenewise.device import CPU, computes_bfloat16  # imports torch, which most tests do without

        if not computes_bfloat16(CPU):
            pytest.skip("this processor does not compute bfloat16 natively (AVX-512 BF16 or AMX)")


BFLOAT16 = pytest.param("bfloat16", marks=pytest.mark.native_bfloat16)
SMALL: dict[str, Any] = {
    "steps": 30,
    "segments_per_scene": 6,
    "width": "16",
    "latent": 8,
    "feed_forward": 16,
    "checkpoint_every": 5,
    "learning_rate": 3e-3,
    "segment_length": 8,
    "device": "cpu",
}
"""Settings of an autoencoder, plain or variational, that is trained in a blink and learns a little."""
MADE_FROM = {"identity": "test", "source": "test", "fps": 25.0}


def write_video(
    folder: Path,
    scene: str,
    name: str,
    split: str,
    features: np.ndarray,
    block: int = 64,
    objects: Objects | None = None,
    **more: object,
) -> StoredVideo:
    """Write one video's features, and its objects, as `extract` would."""
    own = folder / split / scene / name
    for first in range(0, len(features), block):
        part = features[first : first + block].astype(np.float16)
        times = (first + np.arange(len(part))) / 25
        found = None if objects is None else objects.between(first, first + block)
        write_block(own, Block(first, part, times, np.zeros(len(part), np.uint8), objects=found), MADE_FROM)
    described = {"format": 1, "frames": len(features), "lost": 0, "width": features.shape[1], "regions": None}
    write_json(own / VIDEO_JSON, {**described, "block": block, "made_from": MADE_FROM})
    record_checksums(own, [VIDEO_JSON])
    fields = {"fps": 25.0, "lost": 0, "regions": None, "source": f"{name}.mp4", "labels": None, "events": None}
    return StoredVideo(
        scene=scene,
        name=name,
        split=split,
        frames=len(features),
        width=features.shape[1],
        block=block,
        folder=own,
        objects=None if objects is None else objects.features.shape[1],
        **{**fields, **more},
    )  # type: ignore[arg-type]


def scene_features(scene: int, frames: int, width: int, random: np.random.Generator) -> np.ndarray:
    """A slow wave of its own in each scene, and noise."""
    time = np.arange(frames)[:, None] / 10 + random.uniform(0, 6)
    wave = np.sin(time * (1 + scene) + np.linspace(0, 3, width)[None])
    return wave + 3 * (np.arange(width) % 5 == scene) + 0.1 * random.normal(size=(frames, width))


def write_mp4(path: Path, frames: int, seed: int = 0, size: tuple[int, int] = (64, 48), rate: int = 25) -> Path:
    """A tiny H.264 video: a bright square that wanders over a textured ground of its own."""
    random = np.random.default_rng(seed)
    ground = random.integers(60, 120, (size[1] // 8, size[0] // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.thread_count = 1
        for number in range(frames):
            picture = ground.copy()
            left, top = (number * 2) % (size[0] - 8), (number + seed * 5) % (size[1] - 8)
            picture[top : top + 8, left : left + 8] = 230
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def tiny_dataset_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `tiny_dataset` is a copy of; not to be written to."""
    root = tmp_path_factory.mktemp("tiny") / "data"
    for place, scene in enumerate(("road", "walkway")):
        for number in range(2):
            write_mp4(root / "train" / scene / f"{number:02d}.mp4", 60, seed=10 * place + number)
        write_mp4(root / "test" / scene / "00.mp4", 50, seed=10 * place + 5)
        labels = root / "labels" / scene / "00.npy"
        labels.parent.mkdir(parents=True)
        np.save(labels, (np.arange(50) >= 40).astype(np.uint8))
    return root


@pytest.fixture
def tiny_dataset(tiny_dataset_of_all: Path, tmp_path: Path) -> Path:
    """The generic layout in small: two scenes, two training videos and one labelled test video each."""
    return Path(shutil.copytree(tiny_dataset_of_all, tmp_path / "data"))


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., FeatureStore]:
    """Call it with `lengths` {scene: [frames of each training video]} and `test` likewise; bursts are abnormal."""

    def make(
        lengths: dict[str, list[int]],
        test: dict[str, list[int]] | None = None,
        width: int = 12,
        seed: int = 0,
        name: str = "features",
    ) -> FeatureStore:
        random = np.random.default_rng(seed)
        folder = tmp_path / name
        videos = []
        for split, drawn in (("train", lengths), ("test", test or {})):
            for place, scene in enumerate(sorted(drawn)):
                for number, frames in enumerate(drawn[scene]):
                    features = scene_features(place, frames, width, random)
                    more = {}
                    if split == "test":
                        labels = np.zeros(frames, np.uint8)
                        labels[frames // 3 : frames // 2] = 1
                        features[labels == 1] += random.normal(size=(int(labels.sum()), width))
                        path = tmp_path / f"{name}-labels" / scene / f"{number:02d}.npy"
                        path.parent.mkdir(parents=True, exist_ok=True)
                        np.save(path, labels)
                        more["labels"] = LabelSource(path)
                    videos.append(write_video(folder, scene, f"{number:02d}", split, features, **more))
        store = FeatureStore(folder, Fingerprint({"kind": "test"}, {"device": "cpu"}), tuple(videos), {}, ())
        write_store(store)
        return store

    return make


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the one run of a test module is kept, once it is trained."""
    return tmp_path_factory.mktemp("trained") / "run"


@pytest.fixture
def run(request: pytest.FixtureRequest, make_store: Callable[..., FeatureStore], tmp_path: Path, trained: Path) -> Path:
    """A copy of what an autoencoder with the module's SETTINGS (or else SMALL) learns from its TRAIN; TEST beside it.

    Each copy has features of its own, which are the same every time.
    """
    from scenewise.runs.run import open_run, write_run
    from scenewise.runs.train import train  # imports torch, which most tests do without

    module = request.module
    store = make_store(module.TRAIN, module.TEST)
    if not trained.exists():
        train(store.folder, trained, "autoencoder", getattr(module, "SETTINGS", SMALL))
    folder = Path(shutil.copytree(trained, tmp_path / "run"))
    write_run(replace(open_run(folder), features=store.folder))
    record_checksums(folder, ["run.json"])
    return folder


@pytest.fixture(scope="session")
def footage() -> Path:
    """The folder of real footage that $SCENEWISE_FOOTAGE names."""
    folder = os.environ.get("SCENEWISE_FOOTAGE")
    if not folder:
        pytest.skip("SCENEWISE_FOOTAGE is unset: no real footage to test on")
    return Path(folder)


@pytest.fixture(scope="session")
def walkway_features(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features and objects of real footage: normal walkers in three clips, and a cyclist in the fourth."""
    from scenewise.config import ExtractConfig
    from scenewise.features.extract import extract

    folder = tmp_path_factory.mktemp("walkway")
    for place in (*(f"train/walkway/{clip}.mp4" for clip in ("01", "05", "10")), "test/walkway/06.mp4"):
        (folder / "data" / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / "data" / place).symlink_to(footage / "two-walkways" / place)
    encoder = footage / "encoders" / "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
    extract(folder / "data", folder / "features", ExtractConfig(encoder=f"openvino:{encoder}"))
    return folder / "features"
