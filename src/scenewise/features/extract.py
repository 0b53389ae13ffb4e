"""`scenewise extract`: every video through the frozen encoder into the store.

What is whole is kept, what is missing or was made otherwise is made again, and a long video goes on inside: its
blocks are whole or absent, so a kill costs at most one block of encoding.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from scenewise.checksums import require_written
from scenewise.config import ONE_PROCESS, ExtractConfig, Parallel
from scenewise.counted import counted
from scenewise.datasets import Video, load_dataset
from scenewise.encoders import Encoder, name_of_encoder, require_used
from scenewise.errors import ConfigError, DataError, VideoError
from scenewise.features.backgrounds import FOLDER as BACKGROUNDS
from scenewise.features.backgrounds import scene_background
from scenewise.features.extraction_fingerprint import fingerprint_of
from scenewise.features.forecast import Forecast, device_in_words
from scenewise.features.frames_bar import FramesBar
from scenewise.features.int8_calibration import with_int8_tower
from scenewise.features.other_split import joined, other_split
from scenewise.features.output_checks import refuse_footage, refuse_foreign_files
from scenewise.features.process_video import Progressed, Tools, VideoRow, VideoTask, opened
from scenewise.features.share_out import process_videos, processes_for
from scenewise.features.store import MANIFEST, FeatureStore, StoredVideo, write_store
from scenewise.features.summary import ExtractSummary
from scenewise.output_folder import OutputFolder
from scenewise.progress import progress


def extract(
    data: str | Path,
    out: str | Path,
    config: ExtractConfig | None = None,
    encoder: Encoder | None = None,
    parallel: Parallel = ONE_PROCESS,
) -> ExtractSummary:
    """Encode the data set in `data` into the feature store `out`, by the encoder that `config` names.

    `encoder`, an instance of your own class, is used instead if given, and recorded as package.module:Class, so that
    `score` can open it again. `parallel` shares the videos out, which changes no byte of what is written: among
    processes, of which a script has to be safe to import; or among jobs, each of which writes its videos, and none the
    manifest.

    Raises DataError if `data` is no data set or no video of it can be read; ConfigError if `out` lies among the
    footage, holds other files in the place of features, or is being written by another extract; with `config.split`
    FingerprintError if the other split in `out` was made otherwise; EncoderError and ConfigError as `open_encoder` and
    `name_of_encoder` do; with `config.strict` the first VideoError.
    """
    data, out = Path(data), Path(out)
    began = time.perf_counter()
    config = config or ExtractConfig()
    if encoder is not None:
        config = replace(config, encoder=name_of_encoder(encoder))
        require_used(config)
    # As `score` will need them, from wherever it is called.
    config = replace(config, ignore_mask=tuple(str(Path(path).absolute()) for path in config.ignore_mask))
    dataset = load_dataset(data)
    wanted = [video for video in dataset.videos if config.split in ("all", video.split)]
    if not wanted:
        raise DataError(
            f"{data}: no {config.split} videos; it has {counted(len(dataset.videos), 'video')} of the other split"
        )
    refuse_footage(out, data, dataset.videos)
    number, shards = parallel.of_shards
    videos = wanted[number - 1 :: shards]
    if not videos:
        raise ConfigError(
            f"--shard {parallel.shard}: {data} has {counted(len(wanted), 'video')}; give at most so many shards"
        )
    summary = ExtractSummary(
        out,
        shard=parallel.shard,
        ignored=[*map(str, dataset.ignored)],
        nested=[*map(str, dataset.nested)],
        passed_over=[{"path": str(path), "reason": reason} for path, reason in dataset.passed_over],
    )
    folder = OutputFolder(out, "features")
    # Jobs share the folder; each holds the video that it is writing.
    with folder.lock() if parallel.shard is None else nullcontext():
        folder.refuse_file_and_link()
        folder.refuse_link(out / BACKGROUNDS)
        for video in videos:
            refuse_foreign_files(out, video)
        if encoder is None:
            config = with_int8_tower(config, out, dataset.videos)
        tools = Tools.open(config, {video.scene for video in dataset.videos}, encoder)
        fingerprint = fingerprint_of(tools.encoder, config, tools.object_encoder)
        earlier = other_split(out, fingerprint, config)
        stored = _extract_videos(videos, dataset.videos, tools, parallel, summary)
        if not stored:
            first = summary.failed[0]["reason"]
            raise DataError(f"{data}: none of its {counted(len(videos), 'video')} can be read; the first: {first}")
        summary.failed_scenes = _failed_scenes(videos, stored, summary.failed)
        store = joined(
            earlier,
            FeatureStore(out, fingerprint, tuple(stored), dataset.normal_classes, tuple(summary.failed), config),
        )
        if parallel.shard is None:
            write_store(store)
            require_written(out, [MANIFEST])
        for written in stored:
            require_written(written.folder, written.file_names)
    summary.lost = sum(video.lost for video in store.videos)
    summary.seconds = time.perf_counter() - began
    return summary


def _extract_videos(
    videos: Sequence[Video], of_dataset: Sequence[Video], tools: Tools, parallel: Parallel, summary: ExtractSummary
) -> list[StoredVideo]:
    """All that can be read, in their order; the others are listed in `summary`."""
    config, out = tools.config, summary.out
    with progress() as bar:
        claimed = [_frames_claimed(video, config) for video in videos]
        frames = FramesBar(bar, [video.title for video in videos], claimed)
        device = device_in_words(tools.encoder.execution.get("device", "cpu"))
        forecast = Forecast(config.encoder, device, frames.left, config.encode_every)
        processes = processes_for(parallel, tools, len(videos), sum(claimed))
        rows: dict[int, VideoRow] = {}
        without = _learn_backgrounds(videos, of_dataset, tools, out, processes)
        tasks = []
        for number, video in enumerate(videos):
            if video.scene in without and config.strict:
                raise VideoError(without[video.scene])
            if video.scene in without:
                rows[number] = VideoRow(video, reason=without[video.scene])
            else:
                tasks.append(number)

        def advance(task: int, done: Progressed) -> None:
            frames.advance(tasks[task], done.frames)
            if done.size is not None:
                forecast.batch(done.frames, done.size)

        for task, row in process_videos(
            [VideoTask(videos[number], out) for number in tasks], tools, parallel, processes, advance
        ):
            rows[tasks[task]] = row
            frames.end(tasks[task])
            if config.strict and row.stored is None:
                raise VideoError(row.reason)
    return _told(rows, summary)


def _told(rows: Mapping[int, VideoRow], summary: ExtractSummary) -> list[StoredVideo]:
    """What was stored, in the videos' order; `summary` is told of all."""
    stored = []
    for _, row in sorted(rows.items()):
        if row.stored is None:
            summary.failed.append({"video": row.video.title, "path": str(row.video.path), "reason": row.reason})
            continue
        stored.append(row.stored)
        (summary.kept if row.kept else summary.extracted).append(row.video.title)
        summary.frames += row.frames
        summary.faults += [f"{row.video.title}: {fault}" for fault in row.faults]
    return stored


def _learn_backgrounds(
    videos: Sequence[Video], of_dataset: Sequence[Video], tools: Tools, out: Path, threads: int
) -> dict[str, str]:
    """Learn the empty scenes of `videos`, or find them in the store; {scene: why it has none}."""
    if tools.object_encoder is None:
        return {}
    config = tools.config

    def learn(scene: str) -> str | None:
        mask = tools.masks.get(scene)
        try:
            scene_background(out, scene, of_dataset, mask, config.decode_height, config.max_pixels)
        except VideoError as error:
            return str(error)
        return None

    scenes = list(dict.fromkeys(video.scene for video in videos))
    with ThreadPoolExecutor(threads) as pool:  # decoding lets other threads run
        return {scene: reason for scene, reason in zip(scenes, pool.map(learn, scenes), strict=True) if reason}


def _frames_claimed(video: Video, config: ExtractConfig) -> int:
    try:
        return opened(video, config).frames_claimed or 0
    except VideoError:  # reported when its turn comes
        return 0


def _failed_scenes(
    videos: Sequence[Video], stored: Sequence[StoredVideo], failed: Sequence[dict[str, str]]
) -> list[dict[str, str]]:
    """{scene, reason} of the scenes of which no training video could be read: a run cannot learn them."""
    learnt = {video.scene for video in stored if video.split == "train"}
    reasons = {one["video"]: one["reason"] for one in failed}
    training: dict[str, list[Video]] = {}
    for video in videos:
        if video.split == "train" and video.scene not in learnt:
            training.setdefault(video.scene, []).append(video)
    return [
        {
            "scene": scene,
            "reason": f"of its {len(of_scene)} training videos none can be read; {reasons[of_scene[0].title]}",
        }
        for scene, of_scene in training.items()
    ]
