"""Does a model know what is allowed where? The same class of event, where it is abnormal and where it is normal."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenewise.evaluation.metrics import Labels, frame_auc, mean_of_defined
from scenewise.labels.labels import Event

Pair = dict[str, float | None]
"""{where_abnormal, where_normal}."""


class ScoredVideo(NamedTuple):
    """What the figures need to know of one test video."""

    scene: str
    scores: NDArray[np.float32]
    labels: Labels | None
    """None where the video is unlabelled."""
    events: tuple[Event, ...] | None
    """None where nothing is said about events, which is not the same as saying that there are none."""


def scene_dependence(
    videos: Sequence[ScoredVideo], held_out: dict[str, NDArray[np.float32]], alarm_at: float | None
) -> tuple[dict[str, Pair], dict[str, Pair]]:
    """`event_auc` and `event_alarm_rate`, {class: {where_abnormal, where_normal}}, each the mean over such scenes.

    For every class that is abnormal in one scene and normal in another. AUC: the class's frames in a scene against
    that scene's ordinary frames; ideal 1 where abnormal, 0.5 where normal, which is also what scores equal to the
    labels reach. Alarm rate: the share of the class's frames with a score above `alarm_at`; None throughout where
    that is None.

    Ordinary are the scene's held-out normal training frames `held_out` (on the same scale) and, of its test videos
    whose events are known, the frames in no event at all that are not labelled abnormal. Where the class is normal,
    its frames count only while nothing abnormal goes on, neither an event nor a label: a high score is right there.
    """
    aucs: dict[str, Pair] = {}
    rates: dict[str, Pair] = {}
    for kind, scenes in dependent_classes(videos).items():
        aucs[kind], rates[kind] = {}, {}
        for key, abnormal in (("where_abnormal", True), ("where_normal", False)):
            found = [_in_scene(videos, held_out, scene, kind, abnormal, alarm_at) for scene in sorted(scenes[abnormal])]
            aucs[kind][key] = mean_of_defined([auc for auc, _ in found])
            rates[kind][key] = mean_of_defined([rate for _, rate in found])
    return aucs, rates


def dependent_classes(videos: Sequence[ScoredVideo]) -> dict[str, dict[bool, set[str]]]:
    """{class: {whether it is abnormal: scenes where it is}} of the classes that two scenes judge differently."""
    judged: dict[str, dict[bool, set[str]]] = {}
    for video in videos:
        for event in video.events or ():
            judged.setdefault(event.kind, {True: set(), False: set()})[event.abnormal].add(video.scene)
    return {
        kind: scenes
        for kind, scenes in sorted(judged.items())
        if scenes[True] and scenes[False] and len(scenes[True] | scenes[False]) > 1
    }


def class_frames(videos: Sequence[ScoredVideo], scene: str, kind: str, abnormal: bool) -> tuple[Labels, Labels]:
    """Which frames (N,) of all videos, one after the other, are of the class in `scene`, and which are ordinary there.

    See `scene_dependence` for what counts as either.
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
    own, others = scores[of_class], np.concatenate([held_out.get(scene, scores[:0]), scores[ordinary]])
    labels = np.concatenate([np.ones(len(own), bool), np.zeros(len(others), bool)])
    rate = float((own > alarm_at).mean()) if alarm_at is not None and len(own) else None
    return frame_auc(labels, np.concatenate([own, others])), rate


def _frames(frames: int, events: Sequence[Event]) -> Labels:
    """(frames,) where any of the events goes on."""
    inside = np.zeros(frames, bool)
    for event in events:
        inside[event.first_frame : event.last_frame + 1] = True
    return inside
