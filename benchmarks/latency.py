"""What a shorter latency costs: figures of a run's test videos, scored at several values of `score --latency`.

    python benchmarks/latency.py RUN [SECONDS ...]

RUN is a run whose features hold labelled test videos. The scene scale stays that of the run, as in `score`.
"""

import argparse
from pathlib import Path

import numpy as np

from scenewise.config import EvaluateConfig
from scenewise.evaluation.metrics import frame_auc, mean_of_defined, scene_aucs
from scenewise.evaluation.protocol import opened
from scenewise.methods.scores import chunk_of
from scenewise.runs.score_stream import delay_of, score_all
from scenewise.scoring.calibration import read_calibration


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a trained run")
    parser.add_argument("seconds", type=float, nargs="*", default=[2.0, 1.0, 0.5], help="latencies")
    arguments = parser.parse_args()
    run, _, truths, _ = opened(arguments.run, EvaluateConfig())
    scales, scorer = read_calibration(run.folder, run.scenes).scales, run.open_scorer("auto")
    smoothing = run.settings.smoothing
    print("asked for  stated       mean within scenes  pooled AUC  normal frames above 1.0")
    for seconds in (None, *arguments.seconds):
        labels: dict[str, list[np.ndarray]] = {}
        scores: dict[str, list[np.ndarray]] = {}
        stated = set()
        for video, (of_video, _) in truths.items():
            if of_video is None:
                continue
            chunks = map(chunk_of, video.blocks())
            found = score_all(scorer, chunks, video.fps, video.scene, smoothing, seconds).scores
            labels.setdefault(video.scene, []).append(of_video)
            scores.setdefault(video.scene, []).append(scales[video.scene].apply(found))
            stated.add(delay_of(scorer, video.fps, smoothing, seconds).latency)
        labels_of, scores_of = (
            {scene: np.concatenate(parts) for scene, parts in found_of.items()} for found_of in (labels, scores)
        )
        within = mean_of_defined(list(scene_aucs(labels_of, scores_of).values()))
        all_labels, all_scores = (np.concatenate(list(of.values())) for of in (labels_of, scores_of))
        pooled = frame_auc(all_labels, all_scores)
        above = (all_scores[~all_labels.astype(bool)] > 1).mean()
        asked = "whole" if seconds is None else f"{seconds:g} s"
        print(f"{asked:9}  {min(stated):.2f} s       {_percent(within):18}  {_percent(pooled):10}  {100 * above:.1f} %")


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


if __name__ == "__main__":
    main()
