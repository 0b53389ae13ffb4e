"""How often a scene is recognised, and how often one the run does not know is refused: one scene left out at a time.

    python benchmarks/recognise_scenes.py [--features FEATURES]

Without --features it renders the street (8 scenes, other than the demo's) and extracts it by motion-grid first, which
takes a few minutes. For each scene left out, the recogniser is fitted on the other scenes' training videos. Known: the
test videos of those (goal: 99 % recognised). Unknown: all videos of the one left out (goal: 95 % refused).
"""

import argparse
import tempfile
from pathlib import Path

from scenewise.config import ExtractConfig, StreetConfig
from scenewise.features.extract import extract
from scenewise.features.store import FeatureStore, StoredVideo, open_store
from scenewise.scoring.scene_recognition import SAMPLE, Recognised, SceneRecogniser, fit_recogniser, training_samples
from scenewise.street import render_street


def make_features(folder: Path, seed: int) -> Path:
    """Render the street into `folder` and extract it; returns the features' folder."""
    settings = StreetConfig(scenes=8, videos=8, frames=120, size="320x180", seed=seed)
    render_street(folder / "street", settings)
    extract(folder / "street", folder / "features", ExtractConfig(encoder="motion-grid"))
    return folder / "features"


def recognise(recogniser: SceneRecogniser, video: StoredVideo) -> Recognised:
    """What `scenewise score` makes of the video."""
    return recogniser.recognise(video.features()[:SAMPLE])


def measure(store: FeatureStore) -> None:
    """Leave each scene out in turn, and print both shares and how far apart known and unknown are."""
    samples = training_samples(store.of("train"))
    scenes = sorted({sample.scene for sample in samples})
    right, refused, nearest_unknown, furthest_known = [], [], [], []
    for left_out in scenes:
        recogniser = fit_recogniser([sample for sample in samples if sample.scene != left_out])
        for video in store.videos:
            found = recognise(recogniser, video)
            if video.scene == left_out:
                refused.append(found.scene is None)
                nearest_unknown.append(found.distance / found.limit)
            elif video.split == "test":
                right.append(found.scene == video.scene)
                furthest_known.append(found.distance / found.limit)
    print(f"{len(scenes)} scenes, each left out once")
    print(f"  known, recognised:  {sum(right)} of {len(right)} ({sum(right) / len(right):.1%}; goal 99 %)")
    print(f"  unknown, refused:   {sum(refused)} of {len(refused)} ({sum(refused) / len(refused):.1%}; goal 95 %)")
    print(f"  distance next to the limit: known at most {max(furthest_known):.2f}, unknown at least", end=" ")
    print(f"{min(nearest_unknown):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=Path)
    parser.add_argument("--seed", type=int, default=11, help="of the street that is rendered")
    arguments = parser.parse_args()
    if arguments.features:
        measure(open_store(arguments.features))
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(open_store(make_features(Path(folder), arguments.seed)))


if __name__ == "__main__":
    main()
