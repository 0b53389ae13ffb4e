"""How many frames a second `scenewise score` does, end to end, and which stage takes how much of them.

    SCENEWISE_FOOTAGE=... taskset -c 0,1 python benchmarks/score_video.py

A run is trained on the Avenue clips of the test footage (640 x 360, MobileNet features) in a temporary folder, and
scores the test clips: once by the command's own function, drawn curves and all; then stage by stage, one after another,
which the command lets overlap.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from scenewise.config import ExtractConfig, ScoreConfig, TrainConfig
from scenewise.device import pick_device
from scenewise.encoders import open_encoder, open_object_encoder
from scenewise.features.backgrounds import read_backgrounds
from scenewise.features.extract import extract
from scenewise.inference.score_videos import score_videos
from scenewise.methods.autoencoder.scorer import open_scorer
from scenewise.methods.scores import Chunk
from scenewise.objects.detector import ObjectDetector
from scenewise.runs.run import BACKGROUNDS, Run
from scenewise.runs.train import train
from scenewise.video.decode import decode
from scenewise.video.probe import probe

MOBILENET = "encoders/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", default="fusion", help="autoencoder, object-memory or fusion")
    parser.add_argument("--clips", type=int, default=3, help="how many test clips")
    parser.add_argument("--annotate", action="store_true", help="write annotated videos too")
    arguments = parser.parse_args()
    footage = os.environ.get("SCENEWISE_FOOTAGE")
    if footage is None:
        parser.error("SCENEWISE_FOOTAGE is unset; it names the folder of test footage")
    clips = sorted((Path(footage) / "avenue" / "test").glob("*.avi"))[: arguments.clips]
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        config = ExtractConfig(encoder=f"openvino:{Path(footage) / MOBILENET}", split="train")
        extract(Path(footage) / "avenue", here / "features", config)
        run = train(here / "features", here / "run", TrainConfig(method=arguments.method))
        began = time.perf_counter()
        summary = score_videos(
            run.folder, clips, here / "out", ScoreConfig(scene=run.scenes[0], annotate=arguments.annotate)
        )
        seconds = time.perf_counter() - began
        for failed in summary.failed:
            print(f"not scored: {failed['reason']}")
        frames = sum(video["frames"] for video in summary.videos)
        print(f"{arguments.method}: {frames} frames of {len(summary.videos)} clips in {seconds:.1f} s, run and encoder")
        print(f"opened and curves drawn{' and videos annotated' if arguments.annotate else ''}: {frames / seconds:.1f} "
              "frames a second")  # fmt: skip
        report_stages(run, config, clips)


def report_stages(run: Run, config: ExtractConfig, clips: list[Path]) -> None:
    """Take every stage for itself over all of `clips`, and print its share."""
    spent = dict.fromkeys(("decode", "features", "objects", "scoring"), 0.0)

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        spent[stage] += time.perf_counter() - began

    encoder = open_encoder(config)
    object_encoder, scorer, scene = (
        open_object_encoder(encoder),
        open_scorer(run, pick_device("auto")),
        run.scenes[0],
    )
    looks = read_backgrounds(run.folder / BACKGROUNDS, run.scenes) if run.config.remembers else None
    frames = found = 0
    for clip in clips:
        encoder.reset()
        fps = probe(clip).fps
        object_detector = ObjectDetector(looks[scene], object_encoder, config.objects_every, fps) if looks else None
        pieces, blocks = [], decode(clip, batch=encoder.batch)
        while True:
            with timed("decode"):
                block = next(blocks, None)
            if block is None:
                break
            with timed("features"):
                features = encoder.encode(block.frames).features.astype(np.float16)
            with timed("objects"):
                objects = object_detector.detect(block.frames) if object_detector else None
            pieces.append(Chunk(features, objects))
            frames += len(features)
            found += len(objects) if objects is not None else 0
        with timed("scoring"):
            scorer.score(pieces, fps, scene)
    total = sum(spent.values())
    print(f"one stage after another: {frames / total:.1f} frames a second; {found} objects")
    for stage, seconds in spent.items():
        print(f"  {stage:9} {seconds / total:6.1%}   {1000 * seconds / frames:6.2f} ms a frame")


if __name__ == "__main__":
    main()
