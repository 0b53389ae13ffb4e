"""A method of your own, from footage to scores: python examples/plug_in_a_method.py [FOLDER]

`scenewise train --method module:Class` takes a class derived from `scenewise.Method`; the run records the name.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

import scenewise
from scenewise.methods.method import RunContent
from scenewise.methods.scores import Chunk, NormalScores, Scored


class NearestFrame(scenewise.Method):
    name, summary, deterministic = "nearest-frame", "distance to the nearest of a few normal frames of its scene", True

    def fit(self, store: Any, settings: Any, work: Path, *, resume: bool = False) -> scenewise.Fitted:
        videos = store.of("train")
        kept = {(video.scene, video.name): video.features()[::15] for video in videos}
        normal: dict[str, list[NormalScores]] = {video.scene: [] for video in videos}
        for video in videos:  # each is scored by the scene's other videos, so a scene needs two
            others = [frames for (scene, name), frames in kept.items() if scene == video.scene and name != video.name]
            scorer = NearestFrameScorer({video.scene: np.concatenate(others)})
            (scored,) = scorer.stream([Chunk(video.features(), None)], video.fps, video.scene)
            normal[video.scene].append(NormalScores(scored.scores, video.fps))
        tensors = {scene: np.concatenate([kept[key] for key in kept if key[0] == scene]) for scene in normal}
        return scenewise.Fitted(tensors, normal)

    def open(self, run: RunContent, device: str) -> "NearestFrameScorer":
        return NearestFrameScorer(run.tensors)


class NearestFrameScorer(NamedTuple):
    normal_frames: Mapping[str, Any]  # {scene: features (n, D)}

    def stream(self, chunks: Iterable[Chunk], fps: float, scene: str, look_ahead: Any = None) -> Iterator[Scored]:
        for chunk in chunks:
            yield Scored(cdist(chunk.features, self.normal_frames[scene]).min(axis=1).astype(np.float32), None)

    def look_ahead(self, fps: float) -> float:
        return 0.0  # seconds: a score depends on its own frame alone


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="scenewise-"))
    street = scenewise.StreetConfig(scenes=4, videos=2, frames=40, size="128x72", seed=4)
    scenewise.render_street(folder / "street", street, workers=1)
    config = scenewise.ExtractConfig(encoder="motion-grid", objects=False)  # this method scores frames alone
    scenewise.extract(folder / "street", folder / "features", config)
    run = scenewise.train(folder / "features", folder / "run", method="plug_in_a_method:NearestFrame")
    print(f"within scenes: {scenewise.evaluate(run.folder)['scene_auc_mean']:.3f}")
    for result in scenewise.score_videos(run.folder, [folder / "street/test/walkway_b"], folder / "scored").videos:
        print(f"{result['video']}: highest {result['highest']:.1f} at {result['highest_time']:.1f} s")
