"""Files of ours that were changed and sealed again, so that their checksums are right: one clear line, or no harm."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import SMALL, scene_features, write_video
from mutants import escapes, mutants_of
from object_stores import object_store, walkers
from scenewise.benchmark.cost import Cost, read_cost, write_cost
from scenewise.config import EvaluateConfig
from scenewise.datasets import LabelSource
from scenewise.encoders.fingerprint import Fingerprint
from scenewise.errors import ConfigError, IntegrityError
from scenewise.evaluation.protocol import evaluate_strict
from scenewise.features.backgrounds import read_background, read_backgrounds
from scenewise.features.extract_video import read_whole
from scenewise.features.store import FeatureStore, StoredVideo, footage_digest, open_store, write_store
from scenewise.formats.pictures import jpeg_of
from scenewise.methods.scores import NormalExample, chunk_of
from scenewise.output_folder import OutputFolder
from scenewise.report.report_data import gather
from scenewise.report.sections import findings, provenance, table, training
from scenewise.results.as_csv import as_csv
from scenewise.runs.run import BACKGROUNDS, open_run
from scenewise.runs.score_stream import score_all
from scenewise.runs.thumbnails import THUMBNAILS, Thumbnails, read_thumbnails, to_bytes
from scenewise.runs.train import train
from scenewise.scoring.calibration import read_calibration
from scenewise.scoring.scene_recognition import distances, read_recogniser

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

FRAMES, WIDTH = 90, 12


def evaluated(store: FeatureStore, run: Path, method: str, settings: dict[str, object]) -> Path:
    """A run that was trained on `store` and evaluated, with labels and an event in each test video."""
    folder = store.folder.parent / "labels"
    folder.mkdir()
    videos = []
    for video in store.videos:
        if video.split == "test":
            labels = np.zeros(video.frames, np.uint8)
            labels[40:60] = 1
            np.save(folder / f"{video.scene}.npy", labels)
            events = [{"class": "bike", "first_frame": 40, "last_frame": 59, "abnormal": video.scene == "a"}]
            (folder / f"{video.scene}.json").write_text(json.dumps(events))
            labelled = LabelSource(folder / f"{video.scene}.npy")
            video = replace(video, labels=labelled, events=str(folder / f"{video.scene}.json"))
        videos.append(video)
    write_store(replace(store, videos=tuple(videos)))
    train(store.folder, run, method, settings)
    evaluate_strict(run, EvaluateConfig())
    return run


@pytest.fixture(scope="module")
def fusion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of memory banks; its features lie beside it."""
    root = tmp_path_factory.mktemp("fusion")
    objects = {scene: [walkers(seed + number) for number in range(3)] for seed, scene in ((0, "a"), (10, "b"))}
    store = object_store(root / "features", objects)
    return evaluated(store, root / "run", "fusion", {})


@pytest.fixture(scope="module")
def autoencoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of an autoencoder with kept checkpoints; its features lie beside it."""
    root, random = tmp_path_factory.mktemp("autoencoder"), np.random.default_rng(0)
    videos: list[StoredVideo] = []
    for split, names in (("train", ("00", "01")), ("test", ("00",))):
        for place, scene in enumerate("ab"):
            for name in names:
                features = scene_features(place, FRAMES, WIDTH, random)
                videos.append(write_video(root / "features", scene, name, split, features))
    store = FeatureStore(root / "features", Fingerprint({"kind": "test"}, {"device": "cpu"}), tuple(videos), {}, ())
    write_store(store)
    return evaluated(store, root / "run", "autoencoder", SMALL | {"keep_checkpoints": 2})


def score(run: Path) -> None:
    """Open all that the run holds, and score a test video."""
    opened = open_run(run)
    calibration = read_calibration(run, opened.scenes)
    recogniser = read_recogniser(run, opened.scenes, opened.feature_width)
    distances(np.zeros(opened.feature_width), recogniser.centres, recogniser.deviation, recogniser.weights)
    if opened.method.needs_objects:
        read_backgrounds(run / BACKGROUNDS, opened.scenes)
    scorer = opened.open_scorer("cpu")
    chunks = [chunk_of(block) for block in open_store(run.parent / "features").of("test")[0].blocks()]
    scored = score_all(scorer, chunks, 10.0, opened.scenes[0], opened.settings.smoothing)
    calibration.scales[opened.scenes[0]].apply(scored.scores)
    assert opened.fingerprint.digest and opened.method.title(opened.settings)


def tabulate(run: Path) -> None:
    """What the report reads of the run, and the sections that show its records."""
    gathered = gather([run])
    as_csv(gathered.table)
    for section in (findings, provenance, table, training):
        section.show(gathered)


def read_features(run: Path) -> None:
    """Open the store, and read all of it."""
    store = open_store(run.parent / "features")
    footage_digest(store.of("train"))
    for video in store.videos:
        for _ in video.blocks():
            pass
    if store.videos[0].objects is not None:
        read_background(store.folder, store.videos[0].scene)


def checkpoints(run: Path) -> None:
    """Open the weights that the published protocol chooses among."""
    opened = open_run(run)
    opened.method.checkpoints(opened.content(), "cpu")


Reader = Callable[[Path], None]
RUN: dict[str, Reader] = dict.fromkeys(
    ("run.json", "calibration.json", "model.safetensors", "normal_scores.safetensors", "scenes.safetensors"), score
)
EVALUATION: dict[str, Reader] = dict.fromkeys(
    ("run.json", "evaluation/metrics.json", "evaluation/scores/a_00.npy"), tabulate
)
FEATURES: dict[str, Reader] = dict.fromkeys(
    ("../features/manifest.json", "../features/train/a/00/000000.safetensors"), read_features
)
OF_FUSION = [
    *RUN.items(), ("backgrounds.safetensors", score), *EVALUATION.items(),
    ("evaluation/objects/a_00.safetensors", tabulate), *FEATURES.items(),
    ("../features/backgrounds/a.safetensors", read_features),
]  # fmt: skip
OF_AUTOENCODER = [
    *RUN.items(), ("kept/step-000015.safetensors", checkpoints), ("log.csv", tabulate), *EVALUATION.items(),
    *FEATURES.items(),
]  # fmt: skip


def seal_of(run: Path, path: Path) -> Path:
    """The folder whose SHA256SUMS lists `path`."""
    if path.is_relative_to(run.parent / "features"):
        return path.parent
    return run / "evaluation" if path.is_relative_to(run / "evaluation") else run


def named(cases: list[tuple[str, Reader]]) -> list[str]:
    return [f"{name} {reader.__name__}" for name, reader in cases]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "reader"), OF_FUSION, ids=named(OF_FUSION))
def test_a_run_of_memory_banks(fusion: Path, name: str, reader: Reader) -> None:
    path = (fusion / name).resolve()
    assert not escapes(mutants_of(path), path, lambda: reader(fusion), seal_of(fusion, path))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "reader"), OF_AUTOENCODER, ids=named(OF_AUTOENCODER))
def test_a_run_of_an_autoencoder(autoencoder: Path, name: str, reader: Reader) -> None:
    path = (autoencoder / name).resolve()
    assert not escapes(mutants_of(path), path, lambda: reader(autoencoder), seal_of(autoencoder, path))


@pytest.mark.parametrize("name", ["video.json", "000000.safetensors"])
def test_a_video_that_is_extracted_again_if_it_is_not_whole(tmp_path: Path, name: str) -> None:
    made_from = {"identity": "test", "source": "test", "fps": 25.0}
    video = write_video(tmp_path, "road", "00", "train", np.ones((20, 3)), block=16)
    path = video.folder / "video.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "fps": 25.0}))
    path = video.folder / name
    assert not escapes(mutants_of(path), path, lambda: read_whole(video.folder, made_from, 16), video.folder)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["json", "safetensors"])
def test_checkpoints_of_a_training(tmp_path: Path, kind: str) -> None:
    import torch

    from scenewise.methods.autoencoder.settings import AutoencoderSettings
    from scenewise.methods.autoencoder.variational import build_model
    from scenewise.methods.segments.checkpoints import Progress, load_checkpoint, save_checkpoint

    def fresh() -> tuple[torch.nn.Module, torch.optim.Adam]:
        model = build_model(4, 2, AutoencoderSettings(width="8", heads=2, latent=3, feed_forward=4, layers=1))
        return model, torch.optim.Adam(model.parameters())

    model, optimiser = fresh()
    model(torch.zeros(1, 16, 4)).outputs.sum().backward()
    optimiser.step()
    progress = Progress(step=5)
    progress.take(1.0, model)
    save_checkpoint(tmp_path, model, optimiser, progress)

    def resume() -> None:
        model, optimiser = fresh()
        load_checkpoint(tmp_path, model, optimiser)
        model(torch.zeros(1, 16, 4)).outputs.sum().backward()
        optimiser.step()

    path = tmp_path / f"checkpoints/step-000005.{kind}"
    assert not escapes(mutants_of(path), path, resume, path.parent)


def test_the_cost_of_a_run(tmp_path: Path) -> None:
    write_cost(tmp_path / "cost.json", Cost(1 << 30, 1.5, 200, {"run": "a" * 64}))
    path = tmp_path / "cost.json"
    assert not escapes(mutants_of(path), path, lambda: read_cost(path), tmp_path)


def test_the_pictures_of_normal_examples(tmp_path: Path) -> None:
    jpegs = tuple(jpeg_of(Image.new("RGB", (8, 8), colour), 80) for colour in ("red", "blue"))
    alike = (np.array([0, 1, 1], np.uint16),)
    path = tmp_path / THUMBNAILS
    path.write_bytes(to_bytes(Thumbnails(jpegs, np.array([0, 2], np.int32), alike, {"a": 0, "b": 0})))

    def show() -> None:
        kept = read_thumbnails(tmp_path)
        for row in range(3):
            picture = kept and kept.of("a", NormalExample("", "", 0, (0, 0, 1, 1), row))
            assert picture is None or picture.frame.shape[2] == 3

    assert not escapes(mutants_of(path), path, show, tmp_path)


def test_the_settings_of_an_output(tmp_path: Path) -> None:
    out = OutputFolder(tmp_path, "a demo")
    out.record_settings({"seed": 1, "size": (3, 4)})
    path = tmp_path / "demo.json"
    assert not escapes(mutants_of(path), path, lambda: out.record_settings({"seed": 1, "size": (3, 4)}), tmp_path)


@pytest.mark.slow
def test_the_results_of_a_scored_video_are_made_anew_if_they_are_not_whole(tmp_path: Path) -> None:
    from scenewise.inference.video_folder import _earlier

    described = {
        "format": 1, "video": "v.mp4", "scene": "a", "frames": 50, "lost_frames": 0, "threshold": {"value": 1.0},
        "highest": 2.0, "highest_time": 1.0, "made_from": {"run": "x"},
        "events": [{"start": 0.5, "end": 1.0, "peak_time": 0.7, "peak_score": 2.0, "thumbnail": "thumbnails/7.jpg"}],
    }  # fmt: skip
    path = tmp_path / "events.json"
    path.write_text(json.dumps(described))

    def again() -> None:
        earlier = _earlier(tmp_path, {"run": "x"})
        assert earlier is None or earlier["frames"] > 0

    assert not escapes(mutants_of(path), path, again, tmp_path)


def test_what_a_stopped_training_was_begun_with(autoencoder: Path, tmp_path: Path) -> None:
    from scenewise.runs.train import BEGUN, _begin

    path = tmp_path / BEGUN
    _begin(tmp_path, tmp_path, {"method": "autoencoder", "steps": 3})

    def again() -> None:
        _begin(tmp_path, tmp_path, {"method": "autoencoder", "steps": 3})

    assert not escapes(mutants_of(path), path, again)


def test_settings_of_another_type_name_the_run_and_the_flag(autoencoder: Path, tmp_path: Path) -> None:
    from scenewise.checksums import record_checksums
    from scenewise.files import write_json
    from scenewise.methods import open_method, settings_of

    run = Path(shutil.copytree(autoencoder, tmp_path / "run"))
    described = json.loads((run / "run.json").read_text())
    described["settings"]["steps"] = "30"
    write_json(run / "run.json", described)
    record_checksums(run, ["run.json"])
    with pytest.raises(IntegrityError, match=r"run\.json.*--steps: expected a whole number, got '30'"):
        open_run(run)
    with pytest.raises(ConfigError, match="--standardise: expected on or off, got 1"):
        settings_of(open_method("autoencoder"), {"standardise": 1})
