"""What the 95 % intervals cost, and how often they hold the truth.

    python benchmarks/intervals.py

First the speed: AUC of a thousand resamples as weights, against scikit-learn on every resample's own frames, in the
same run. Then simulated scenes, each video with at most one event that is easy or hard to see in it: of all scenes of a
size, the share whose interval holds the AUC of a very large one, with whole videos drawn, blocks of 2 s, and blocks as
long as the scene's events. Honest intervals would hold it in 95 %.
"""

import argparse
import time

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from sklearn.metrics import roc_auc_score

from scenewise.evaluation.bootstrap import draw_blocks, draw_videos, weighted_auc
from scenewise.labels.labels import abnormal_ranges

FPS, FRAMES = 10, 300
Scene = tuple[NDArray[np.bool_], NDArray[np.float64]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=100_000, help="test frames whose speed is measured")
    parser.add_argument("--trials", type=int, default=200, help="simulated scenes of every size")
    parser.add_argument("--resamples", type=int, default=300, help="a scene")
    arguments = parser.parse_args()
    speed(arguments.frames)
    random = np.random.default_rng(0)
    labels, scores = scene(random, 3000)
    truth = float(roc_auc_score(labels, scores))
    print(f"\nheld the truth (AUC {truth:.3f}), of {arguments.trials} scenes:")
    print(f"{'videos':>6}  {'whole videos':>12}  {'blocks of 2 s':>13}  {'blocks as long as events':>24}")
    for videos in (3, 5, 7, 10, 20):
        held = [covered(random, videos, truth, arguments.resamples) for _ in range(arguments.trials)]
        whole, short, long = np.nanmean(np.array(held, float), axis=0)
        print(f"{videos:>6}  {whole:>12.0%}  {short:>13.0%}  {long:>24.0%}")


def speed(frames: int) -> None:
    """Seconds for 1,000 resamples."""
    random = np.random.default_rng(0)
    labels = random.random(frames) < 0.3
    scores = random.normal(size=frames) + labels
    started = time.perf_counter()
    for _ in range(0, 1000, 25):
        weighted_auc(labels, scores, draw_blocks(frames, 50, 25, random))
    ours = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(5):
        places = random.integers(0, frames, frames)
        roc_auc_score(labels[places], scores[places])
    other = 200 * (time.perf_counter() - started)
    print(
        f"1,000 resamples of {frames:,} frames: {ours:.1f} s; one sort each with scikit-learn {other / ours:.0f} x that"
    )


def scene(random: np.random.Generator, videos: int) -> Scene:
    """Labels and scores of a scene's frames: a level a video, noise that lasts, and what the event adds."""
    labels, scores = np.zeros((videos, FRAMES), bool), np.empty((videos, FRAMES))
    for own_labels, own in zip(labels, scores, strict=True):
        noise = gaussian_filter1d(random.normal(size=FRAMES), 4)
        own[:] = noise / noise.std() + 0.5 * random.normal()
        if random.random() < 0.7:
            length = int(random.integers(FRAMES // 8, FRAMES // 2))
            first = int(random.integers(0, FRAMES - length))
            own_labels[first : first + length] = True
            own[own_labels] += 1.5 + 0.7 * random.normal()
    return labels.ravel(), scores.ravel()


def covered(random: np.random.Generator, videos: int, truth: float, resamples: int) -> list[float]:
    """Whether each way's interval holds the truth; NaN for a scene without events."""
    labels, scores = scene(random, videos)
    if not labels.any():
        return [np.nan] * 3
    event = float(np.mean([last - first + 1 for first, last in abnormal_ranges(labels)]))
    longest = len(labels) // 6
    drawn = [
        draw_videos([FRAMES] * videos, resamples, random),
        draw_blocks(len(labels), 2 * FPS, resamples, random),
        draw_blocks(len(labels), min(max(round(event), 2 * FPS), longest), resamples, random),
    ]
    ends = [np.nanquantile(weighted_auc(labels, scores, weights), [0.025, 0.975]) for weights in drawn]
    return [float(low <= truth <= high) for low, high in ends]


if __name__ == "__main__":
    main()
