"""The objects that an evaluation keeps: which objects, in which frames, as files, and as boxes against masks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import write_video
from scenewise.datasets import LabelSource
from scenewise.errors import IntegrityError
from scenewise.evaluation.every_frame import in_every_frame
from scenewise.evaluation.folder import read_objects, write_evaluation
from scenewise.evaluation.localisation import detections_of, localisation
from scenewise.evaluation.object_scores import (
    MOST,
    ObjectScores,
    TrainingVideo,
    from_bytes,
    object_scores,
    to_bytes,
)
from scenewise.methods.scores import NormalExamples, ScoredObjects
from scenewise.output_folder import OutputFolder
from scenewise.runs.explanation import Elsewhere


def objects(rows: list[tuple[int, int, float]], every: int = 2) -> ObjectScores:
    """Objects of (frame, track, score), their boxes at a place that moves with the frame."""
    ordered = sorted(rows)
    frame = np.array([row[0] for row in ordered], np.int32)
    left = np.array([0.01 * row[0] + 0.1 * row[1] for row in ordered], np.float32)
    return ObjectScores(
        frame,
        np.stack([left, left, left + 0.1, left + 0.2], 1).reshape(-1, 4),
        np.array([row[2] for row in ordered], np.float32),
        np.array([row[1] for row in ordered], np.int32),
        np.zeros(len(rows), np.int32),
        frame + 7,
        np.full((len(rows), 4), 0.25, np.float32),
        (TrainingVideo("train/lawn/01", "lawn/01.mp4", 10.0),),
        every,
    )


def test_the_highest_objects_of_a_frame_are_kept_on_the_scale_of_its_score() -> None:
    random = np.random.default_rng(0)
    frame = np.sort(random.integers(0, 4, 90)).astype(np.int32)
    scored = ScoredObjects(
        frame,
        random.random((90, 4), np.float32),
        random.normal(size=90).astype(np.float32),
        np.arange(90, dtype=np.int32),
        random.integers(-1, 3, 90),
        NormalExamples(
            [("train/lawn/0", "0.mp4"), ("train/lawn/1", "1.mp4")],
            np.array([0, 1, 0], np.int32),
            np.array([0, 10, 20], np.int32),
            np.tile(np.array([0, 0, 0.5, 1], np.float32), (3, 1)),
        ),
    )
    kept = object_scores(scored, lambda values: 2 * values - 1, {"train/lawn/0": 25.0}.get, every=3)
    for number in range(4):
        expected = np.sort(2 * scored.score[frame == number] - 1)[::-1][:MOST]
        np.testing.assert_allclose(np.sort(kept.score[kept.frame == number])[::-1], expected, rtol=1e-6)
    assert len(kept.frame) < 90 and (np.diff(kept.frame) >= 0).all() and kept.every == 3
    assert kept.videos == (TrainingVideo("train/lawn/0", "0.mp4", 25.0), TrainingVideo("train/lawn/1", "1.mp4", None))
    for row, place in enumerate(kept.track):  # a track is its object's row here
        found = scored.nearest_example(place)
        number = kept.example_video[row]
        assert (number == -1) if found is None else kept.videos[number].title == found.video
        assert found is None or kept.example_frame[row] == found.frame


def test_a_track_is_normal_elsewhere_or_not_as_its_highest_sighting() -> None:
    """Only tracks above 1.0 are asked for, each once; what is said holds for all their sightings."""
    score = np.array([0.4, 3.0, 0.2, 2.0, 0.9, 5.0], np.float32)
    track = np.array([0, 1, 2, 0, 2, 3], np.int32)
    shares = np.tile(np.array([0.25, 0.75], np.float32), (6, 1))
    frame, box = np.arange(0, 12, 2, dtype=np.int32), np.zeros((6, 4), np.float32)
    scored = ScoredObjects(frame, box, score, track, np.full(6, -1), parts=shares, part_names=("appearance", "speed"))
    asked: list[float] = []

    def elsewhere(objects: ScoredObjects) -> list[Elsewhere | None]:
        asked.extend(objects.score.tolist())
        return [Elsewhere("road", 0.1) if one == 2 else None for one in objects.score]

    kept = object_scores(scored, np.asarray, {}.get, 2, elsewhere)
    assert sorted(asked) == [2, 3, 5]
    expected = [Elsewhere("road", pytest.approx(0.1)) if one == 0 else None for one in track]
    for told in (kept, from_bytes(to_bytes(kept), "x")):
        assert [told.normal_elsewhere(row) for row in range(6)] == expected
        assert told.parts_of(1) == (("appearance", 0.25), ("speed", 0.75))
    between = in_every_frame(kept, 12)
    assert {between.normal_elsewhere(row) for row in np.flatnonzero(between.track != 0)} == {None}
    wrong = kept._replace(part_names=("appearance",))
    with pytest.raises(IntegrityError, match="parts: expected 1 columns, got 2"):
        from_bytes(to_bytes(wrong), "x")


ROWS = st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 3)), st.floats(-5, 5, width=32), max_size=20)


@given(ROWS, st.integers(1, 4), st.integers(0, 3))
def test_between_examined_frames_boxes_move_and_stay_if_a_track_ends(
    seen: dict[tuple[int, int], float], every: int, more: int
) -> None:
    examined = objects([(step_number * every, track, score) for (step_number, track), score in seen.items()], every)
    frames = 7 * every + 1 + more
    found = in_every_frame(examined, frames)
    expected = {}
    for (step_number, track), score in seen.items():
        after = seen.get((step_number + 1, track))
        for step in range(every):
            if step_number * every + step < frames:
                way = 0.0 if after is None else step / every
                expected[step_number * every + step, track] = (
                    score if after is None else score + way * (after - score),
                    0.01 * (step_number * every + way * every) + 0.1 * track,
                )
    assert list(zip(found.frame.tolist(), found.track.tolist(), strict=True)) == sorted(expected)
    for row, place in enumerate(sorted(expected)):
        assert (found.score[row], found.box[row, 0]) == pytest.approx(expected[place], abs=1e-4)


def test_files_give_back_their_objects_and_damage_is_reported(tmp_path: Path) -> None:
    stored = objects([(0, 0, 1.5), (2, 0, -0.5), (2, 1, 3.0)])
    back = from_bytes(to_bytes(stored), "x")
    assert back.videos == stored.videos and back.every == 2
    assert all(np.array_equal(column, expected) for column, expected in zip(back[:7], stored[:7], strict=True))
    for content in (b"", b"no such file", to_bytes(stored)[:-1]):
        with pytest.raises(IntegrityError, match=r"clip\.safetensors: no safetensors file"):
            from_bytes(content, "clip.safetensors")

    folder = tmp_path / "evaluation"
    scores = {"lawn_01": np.zeros(4, np.float32)}
    out = OutputFolder(folder, "an evaluation")
    write_evaluation(out, scores, {}, {"lawn_01": stored})
    found = read_objects(folder, "lawn_01")
    assert found is not None and np.array_equal(found.score, stored.score)
    path = folder / "objects" / "lawn_01.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    with pytest.raises(IntegrityError, match=r"lawn_01\.safetensors"):
        read_objects(folder, "lawn_01")
    path.unlink()
    with pytest.raises(IntegrityError, match=r"lawn_01\.safetensors"):
        read_objects(folder, "lawn_01")
    write_evaluation(out, scores, {})
    assert read_objects(folder, "lawn_01") is None, "a method without objects writes none"


def test_boxes_find_masks_whatever_their_size_and_between_examined_frames(tmp_path: Path) -> None:
    stored = objects([(frame, 0, 2.0) for frame in range(0, 10, 2)] + [(frame, 5, 1.0) for frame in range(0, 10, 2)])
    masks = np.zeros((10, 90, 200), np.uint8)
    for frame in range(10):
        left, top = round(200 * 0.01 * frame), round(90 * 0.01 * frame)
        masks[frame, top : top + 18, left : left + 20] = 1
    np.save(tmp_path / "masks.npy", masks)
    video = write_video(tmp_path, "lawn", "01", "test", np.zeros((10, 2)), masks=LabelSource(tmp_path / "masks.npy"))
    truths = {video: (np.ones(10, bool), None)}
    found = localisation(truths, detections_of({video: stored}), None)
    assert found is not None and (found["rbdc"], found["tbdc"]) == (1.0, 1.0)
    examined_only = detections_of({video: stored._replace(every=1)})
    between_missing = localisation(truths, examined_only, None)
    assert between_missing is not None and between_missing["rbdc"] == pytest.approx(0.5), "without the frames between"
    normal = replace(video, masks=None)
    assert detections_of({normal: stored})[normal].frame.max() == 9
