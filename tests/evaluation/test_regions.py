"""RBDC, TBDC and regions from masks, on boxes drawn by hand, and against a slow sweep over thresholds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenewise.evaluation.regions import (
    Detections,
    LocatedVideo,
    Regions,
    detection_criteria,
    intersection_over_union,
    regions_of,
)

Box = tuple[int, int, int, int]


def located(frames: int, truth: list[tuple[int, Box, int]], boxes: list[tuple[int, Box, float]]) -> LocatedVideo:
    """`truth` (frame, box, track), `boxes` (frame, box, score)."""
    return LocatedVideo(Detections(*columns(boxes)), Regions(*columns(truth)), frames)


def columns(rows: list[tuple[int, Box, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame, box, last = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(frame, int), np.array(box, float).reshape(-1, 4), np.array(last)


HERE, THERE = (0, 0, 10, 10), (50, 50, 60, 60)


def test_perfect_boxes_reach_one_and_no_boxes_zero() -> None:
    truth = [(frame, HERE, 1) for frame in range(5)]
    assert detection_criteria([located(9, truth, [(frame, HERE, 1.0) for frame in range(5)])]) == (1.0, 1.0)
    assert detection_criteria([located(9, truth, [])]) == (0.0, 0.0)
    assert detection_criteria([located(9, [], [(0, HERE, 1.0)])]) == (None, None)


def test_overlap_counts_from_a_tenth() -> None:
    # 10 x 10 against 10 x w inside it: intersection over union w / 10.
    assert intersection_over_union(np.array([HERE]), np.array([(0, 0, 10, 1), (0, 0, 1, 9), THERE])).tolist() == [
        [0.1, 0.09, 0.0]
    ]
    assert detection_criteria([located(1, [(0, HERE, 1)], [(0, (0, 0, 10, 1), 1.0)])]) == (1.0, 1.0)
    criteria = detection_criteria([located(1, [(0, HERE, 1)], [(0, (0, 0, 1, 9), 1.0)])])
    assert criteria == (0.0, 0.0), "too little overlap, so the box is false too"


def test_a_tenth_of_its_regions_finds_a_track() -> None:
    for regions, expected in ((10, 1.0), (11, 0.0)):
        truth = [(frame, HERE, 7) for frame in range(regions)]
        region, track = detection_criteria([located(20, truth, [(3, HERE, 1.0)])])
        assert region == pytest.approx(1 / regions) and track == expected


def test_false_boxes_cost_the_area_before_the_score_they_have() -> None:
    # Two frames: the box with the highest score is false (half a box per frame), then both regions are found at once.
    truth = [(0, HERE, 1), (1, HERE, 1)]
    boxes = [(0, THERE, 3.0), (0, HERE, 2.0), (1, HERE, 2.0)]
    assert detection_criteria([located(2, truth, boxes)])[0] == pytest.approx(0.5), "0 up to 0.5, then 1"
    # Three false boxes per frame come with the regions: the straight line to (3, 1) passes (1, 1/3).
    boxes = [(0, HERE, 1.0), (0, THERE, 1.0), (0, THERE, 1.0), (0, THERE, 1.0)]
    assert detection_criteria([located(1, truth[:1], boxes)])[0] == pytest.approx(1 / 6)


def test_a_box_over_the_whole_picture_finds_nothing_small() -> None:
    criteria = detection_criteria([located(1, [(0, HERE, 1)], [(0, (0, 0, 100, 100), 9.0)])])
    assert criteria == (0.0, 0.0)


def slow_iou(a: Box, b: Box) -> float:
    pixels = [{(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])} for box in (a, b)]
    return len(pixels[0] & pixels[1]) / len(pixels[0] | pixels[1])


def slow_criteria(videos: list[tuple[int, list, list]]) -> tuple[float, float]:
    """The criteria by a sweep over thresholds, every box against every region."""
    frames = sum(video[0] for video in videos)
    points = [(0.0, 0.0, 0.0)]
    for threshold in sorted({score for _, _, boxes in videos for _, _, score in boxes}, reverse=True):
        false, regions, tracks = 0, [], []
        for _, truth, boxes in videos:
            shown = [(frame, box) for frame, box, score in boxes if score >= threshold]
            false += sum(not any(f == frame and slow_iou(box, b) >= 0.1 for f, b, _ in truth) for frame, box in shown)
            hit = [any(f == frame and slow_iou(box, b) >= 0.1 for f, b in shown) for frame, box, _ in truth]
            regions += hit
            for track in {track for _, _, track in truth}:
                of_track = [h for h, (_, _, t) in zip(hit, truth, strict=True) if t == track]
                tracks.append(10 * sum(of_track) >= len(of_track))
        points.append((false / frames, float(np.mean(regions)), float(np.mean(tracks))))
    return tuple(slow_area([(point[0], point[which]) for point in points]) for which in (1, 2))  # type: ignore[return-value]


def slow_area(points: list[tuple[float, float]]) -> float:
    """Walk along the curve, cut it at one false box per frame."""
    area = 0.0
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], (max(1.0, points[-1][0]), points[-1][1])], strict=True):
        if x0 >= 1 or x1 == x0:
            continue
        stop = min(x1, 1.0)
        end = y0 + (y1 - y0) * (stop - x0) / (x1 - x0)
        area += (stop - x0) * (y0 + end) / 2
    return area


BOX = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 6), st.integers(1, 6)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
VIDEO = st.tuples(
    st.just(4),
    st.lists(st.tuples(st.integers(0, 3), BOX, st.integers(1, 2)), max_size=5),
    st.lists(st.tuples(st.integers(0, 3), BOX, st.integers(0, 3).map(float)), max_size=8),
)


@given(st.lists(VIDEO, min_size=1, max_size=3).filter(lambda videos: any(truth for _, truth, _ in videos)))
def test_criteria_equal_the_slow_ones(videos: list[tuple[int, list, list]]) -> None:
    criteria = detection_criteria([located(*video) for video in videos])
    assert criteria == pytest.approx(slow_criteria(videos))


def masks(*pictures: str) -> list[np.ndarray]:
    return [np.array([[pixel == "#" for pixel in row] for row in picture.split()]) for picture in pictures]


def test_regions_are_connected_areas_and_tracks_follow_overlap() -> None:
    regions = regions_of(masks("##...  ##...  ....#", ".##..  .##..  ....#", ".....  .....  ....."))
    assert regions.frame.tolist() == [0, 0, 1, 1]
    assert regions.box.tolist() == [[0, 0, 2, 2], [4, 2, 5, 3], [1, 0, 3, 2], [4, 2, 5, 3]]
    assert regions.track.tolist() == [1, 2, 1, 2]


def test_corners_touch_and_a_gap_ends_a_track() -> None:
    regions = regions_of(masks("#. .#", ".. ..", "#. .#"))
    assert regions.box.tolist() == [[0, 0, 2, 2]] * 2 and regions.track.tolist() == [1, 2]


def test_if_two_regions_meet_or_part_the_larger_overlap_keeps_the_track() -> None:
    meeting = regions_of(masks("###.#", "#####", "###.#"))
    assert meeting.track.tolist() == [1, 2, 1, 1, 3]


def test_no_mask_at_all_is_no_region() -> None:
    assert regions_of(masks("..", "..")).box.shape == (0, 4)
    assert regions_of([]).track.shape == (0,)
