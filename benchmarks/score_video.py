"""How many frames per second `scenewise score` does, end to end, and which stage takes how much of them.

    SCENEWISE_FOOTAGE=... taskset -c 0,1 python benchmarks/score_video.py

A run is trained on the Avenue clips of the test footage (640 x 360, MobileNet features) in a temporary folder. It
scores the test clips: first by the command's own function, with everything that is written; then stage by stage, one
after another, which the command lets overlap.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scenewise.config import ExtractConfig, ScoreConfig
from scenewise.features.extract import extract
from scenewise.inference.score_videos import score_videos
from scenewise.inference.scoring_setup import open_setup
from scenewise.methods.scores import Chunk
from scenewise.runs.run import Run
from scenewise.runs.score_stream import score_all
from scenewise.runs.train import train
from scenewise.video.source import open_source

MOBILENET = "encoders/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", default="fusion", help="a method, as `scenewise train` takes it")
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
        run = train(here / "features", here / "run", arguments.method)
        began = time.perf_counter()
        summary = score_videos(
            run.folder, clips, here / "out", ScoreConfig(scene=run.scenes[0], annotate=arguments.annotate)
        )
        seconds = time.perf_counter() - began
        for failed in summary.failed:
            print(f"not scored: {failed['reason']}")
        frames = sum(video["frames"] for video in summary.videos)
        drawn = "curves and videos" if arguments.annotate else "curves"
        print(
            f"{arguments.method}: {frames} frames of {len(summary.videos)} clips in {seconds:.1f} s, opening included,"
        )
        print(f"{drawn} drawn: {frames / seconds:.1f} frames per second")
        report_stages(run, clips)


def report_stages(run: Run, clips: list[Path]) -> None:
    """Run each stage by itself over all of `clips`, and print its share."""
    spent = dict.fromkeys(("decode", "features", "objects", "scoring"), 0.0)

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        spent[stage] += time.perf_counter() - began

    scene = run.scenes[0]
    setup = open_setup(run, ScoreConfig(scene=scene))
    frames = found = 0
    for clip in clips:
        setup.encoder.reset()
        source = open_source(clip)
        detector = None if setup.open_detector is None else setup.open_detector(scene, source.fps)
        chunks, blocks = [], source.blocks(setup.encoder.frames_a_block(source.size))
        while True:
            with timed("decode"):
                block = next(blocks, None)
            if block is None:
                break
            with timed("features"):
                features = setup.encoder.encode(block.frames, source.where, block.first).features
            with timed("objects"):
                objects = None if detector is None else detector.detect(block.frames)
            chunks.append(Chunk(features, objects))
            frames += len(features)
            found += 0 if objects is None else len(objects)
        with timed("scoring"):
            score_all(setup.scorer, chunks, source.fps, scene, setup.smoothing)
    total = sum(spent.values())
    print(f"one stage after another: {frames / total:.1f} frames per second; {found} objects")
    for stage, seconds in spent.items():
        print(f"  {stage:9} {seconds / total:6.1%}   {1000 * seconds / frames:6.2f} ms a frame")


if __name__ == "__main__":
    main()
