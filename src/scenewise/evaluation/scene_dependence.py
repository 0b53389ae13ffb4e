"""Scene dependence: scores of a class of event in scenes where it is abnormal and in scenes where it is normal."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.metrics import Labels, frame_auc, mean_of_defined
from scenewise.labels.labels import Event

Pair = dict[str, float | None]
"""{where_abnormal, where_normal}."""


class ScoredVideo(NamedTuple):
    """One test video, as the figures need it."""

    scene: str
    scores: NDArray[np.float32]
    """(N,)"""
    labels: Labels | None
    """(N,); None if the video is unlabelled."""
    events: tuple[Event, ...] | None
    """None if the events are unknown; empty if it is known that there are none."""


def scene_dependence(
    videos: Sequence[ScoredVideo], held_out: dict[str, NDArray[np.float32]], alarm_at: float | None
) -> tuple[dict[str, Pair], dict[str, Pair]]:
    """`event_auc` and `event_alarm_rate`, {class: {where_abnormal, where_normal}}, each the mean over such scenes.

    They cover every class that is abnormal in one scene and normal in another. AUC compares the class's frames in a
    scene with the scene's ordinary frames. The ideal is 1 where the class is abnormal and 0.5 where it is normal;
    scores equal to the labels reach both. The alarm rate is the share of the class's frames with a score above
    `alarm_at`; it is None if that is None.

    Ordinary frames are the scene's held-out normal training frames, `held_out` on the same scale, and frames of its
    test videos whose events are known: those that are in no event and not labelled abnormal. Where the class is normal,
    its frames count only if nothing abnormal goes on, neither an event nor a label: a high score would be right there.
    """
    aucs: dict[str, Pair] = {}
    rates: dict[str, Pair] = {}
    for kind, scenes in dependent_classes(videos).items():
        aucs[kind], rates[kind] = {}, {}
        for key, abnormal in (("where_abnormal", True), ("where_normal", False)):
            of_scenes = [
                _in_scene(videos, held_out, scene, kind, abnormal, alarm_at) for scene in sorted(scenes[abnormal])
            ]
            aucs[kind][key] = mean_of_defined([auc for auc, _ in of_scenes])
            rates[kind][key] = mean_of_defined([rate for _, rate in of_scenes])
    return aucs, rates


def dependent_classes(videos: Sequence[ScoredVideo]) -> dict[str, dict[bool, set[str]]]:
    """{class: {True: scenes where it is abnormal, False: scenes where it is normal}}.

    Of the classes that are abnormal in one scene and normal in another.
    """
    scenes_of: dict[str, dict[bool, set[str]]] = {}
    for video in videos:
        for event in video.events or ():
            scenes_of.setdefault(event.kind, {True: set(), False: set()})[event.abnormal].add(video.scene)
    return {
        kind: scenes
        for kind, scenes in sorted(scenes_of.items())
        if scenes[True] and scenes[False] and len(scenes[True] | scenes[False]) > 1
    }


def class_frames(videos: Sequence[ScoredVideo], scene: str, kind: str, abnormal: bool) -> tuple[Labels, Labels]:
    """Which frames (N,) of all videos, one after the other, are of the class in `scene`, and which are ordinary there.

    See `scene_dependence` for both definitions.
    """
    of_class, ordinary = [], []
    for video in videos:
        frames = len(video.scores)
        if video.scene != scene or video.events is None:
            of_class.append(np.zeros(frames, bool))
            ordinary.append(np.zeros(frames, bool))
            continue
        labelled = np.zeros(frames, bool) if video.labels is None else video.labels
        inside = _frames(frames, [event for event in video.events if (event.kind, event.abnormal) == (kind, abnormal)])
        if not abnormal:
            inside &= ~(_frames(frames, [event for event in video.events if event.abnormal]) | labelled)
        of_class.append(inside)
        ordinary.append(~(_frames(frames, video.events) | labelled))
    return np.concatenate(of_class), np.concatenate(ordinary)


def _in_scene(
    videos: Sequence[ScoredVideo],
    held_out: dict[str, NDArray[np.float32]],
    scene: str,
    kind: str,
    abnormal: bool,
    alarm_at: float | None,
) -> tuple[float | None, float | None]:
    scores = np.concatenate([video.scores for video in videos])
    of_class, ordinary = class_frames(videos, scene, kind, abnormal)
    class_scores = scores[of_class]
    ordinary_scores = np.concatenate([held_out.get(scene, scores[:0]), scores[ordinary]])
    labels = np.concatenate([np.ones(len(class_scores), bool), np.zeros(len(ordinary_scores), bool)])
    rate = float((class_scores > alarm_at).mean()) if alarm_at is not None and len(class_scores) else None
    return frame_auc(labels, np.concatenate([class_scores, ordinary_scores])), rate


def _frames(frames: int, events: Sequence[Event]) -> Labels:
    """(frames,): True while any of the events goes on."""
    inside = np.zeros(frames, bool)
    for event in events:
        inside[event.first_frame : event.last_frame + 1] = True
    return inside
