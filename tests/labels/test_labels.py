"""Every form of labels against an obvious slow reader, and files that are hostile, damaged or of another form."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from scenewise.datasets import LabelSource, load_dataset
from scenewise.errors import DataError
from scenewise.labels.labels import abnormal_ranges, listed_keys, read_events, read_labels, read_masks

FRAMES = 30
IN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)


def ranges_of_videos() -> st.SearchStrategy[list[list[tuple[int, int]]]]:
    """Of one to four videos: ranges from 1, both ends included; they may overlap or be one frame."""
    one = st.tuples(st.integers(1, FRAMES), st.integers(1, FRAMES)).map(lambda pair: (min(pair), max(pair)))
    return st.lists(st.lists(one, max_size=3), min_size=1, max_size=4)


def by_hand(ranges: list[tuple[int, int]]) -> list[bool]:
    return [any(first <= number <= last for first, last in ranges) for number in range(1, FRAMES + 1)]


def cell(*entries: object, wide: bool = True) -> np.ndarray:
    made = np.empty(len(entries), object)
    made[:] = entries
    return made[None] if wide else made[:, None]


@IN_ONE_FOLDER
@given(videos=ranges_of_videos())
def test_ucsds_list_is_read_as_text(videos: list[list[tuple[int, int]]], tmp_path: Path) -> None:
    path = tmp_path / "UCSDped2.m"
    lines = [
        f"TestVideoFile{{end+1}}.gt_frame = [{', '.join(f'{a}:{b}' if a < b else str(a) for a, b in ranges)}];"
        for ranges in videos
    ]
    path.write_text("TestVideoFile = {};\n% TestVideoFile{end+1}.gt_frame = [1:9];\n" + "\r\n".join(lines))
    for number, ranges in enumerate(videos, 1):
        labels = read_labels(LabelSource(path, "ucsd-m", str(number)), FRAMES)
        assert labels.tolist() == by_hand(ranges)
    assert listed_keys(path, "ucsd-m") == [str(number) for number in range(1, len(videos) + 1)]


@pytest.mark.parametrize("wide", [True, False])
def test_a_cell_of_ranges(wide: bool, tmp_path: Path) -> None:
    path = tmp_path / "ped2.mat"
    random = np.random.default_rng(int(wide))
    videos = [np.sort(random.integers(1, FRAMES + 1, (random.integers(4), 2)), axis=1) for _ in range(40)]
    scipy.io.savemat(path, {"gt": cell(*(ranges.T.astype(np.float64) for ranges in videos), wide=wide)})
    for number, ranges in enumerate(videos, 1):
        labels = read_labels(LabelSource(path, "mat-ranges", str(number)), FRAMES)
        assert labels.tolist() == by_hand([(first, last) for first, last in ranges])
    assert listed_keys(path, "mat-ranges") == [str(number) for number in range(1, 41)]


@IN_ONE_FOLDER
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5), flat=st.booleans(), seed=st.integers(0, 99))
def test_a_part_of_one_array_for_all_videos(lengths: list[int], flat: bool, seed: int, tmp_path: Path) -> None:
    path = tmp_path / "frame_labels_ped2.npy"
    whole = np.random.default_rng(seed).integers(0, 2, sum(lengths), np.uint8)
    np.save(path, whole if flat else whole[None])  # published ones are (1, N)
    read = []
    for number, length in enumerate(lengths):
        first = sum(lengths[:number])
        source = LabelSource(path, "npy-part", f"{first}-{first + length}/{sum(lengths)}")
        read += read_labels(source, length).tolist()
    assert read == [value == 1 for value in whole]


def masks_in_every_form(folder: Path, masks: np.ndarray) -> list[LabelSource]:
    """The same masks (N, H, W) in every form that holds masks."""
    np.save(folder / "masks.npy", masks)
    scipy.io.savemat(folder / "1_label.mat", {"volLabel": cell(*masks)})
    for suffix, value in (("bmp", 255), ("png", 1)):
        (folder / suffix).mkdir()
        for number, mask in enumerate(masks):
            Image.fromarray(mask * np.uint8(value)).save(folder / suffix / f"frame{number:03d}.{suffix}")
    return [
        LabelSource(folder / "masks.npy"),
        LabelSource(folder / "1_label.mat", "mat-masks"),
        LabelSource(folder / "bmp", "mask-folder"),
        LabelSource(folder / "png", "mask-folder"),
    ]


def test_masks_are_the_same_in_every_form_and_label_their_frames(tmp_path: Path) -> None:
    masks = np.zeros((12, 6, 8), np.uint8)
    masks[3, 5, 7] = 1  # a single pixel in a corner
    masks[7:10, 1:4, 2:5] = 1
    for source in masks_in_every_form(tmp_path, masks):
        np.testing.assert_array_equal(np.stack(list(read_masks(source, 12))), masks == 1)
        assert abnormal_ranges(read_labels(source, 12)) == [(3, 3), (7, 9)]
        for frames in (11, 13):
            with pytest.raises(DataError, match=f"12 masks for a video of {frames} frames"):
                read_labels(source, frames)


def test_masks_of_another_size_or_kind_are_reported(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "1_label.mat", {"volLabel": cell(np.zeros((4, 4)), np.zeros((4, 5)))})
    with pytest.raises(DataError, match=r"masks .* of one size; that of frame 1"):
        read_labels(LabelSource(tmp_path / "1_label.mat", "mat-masks"), 2)
    for number, size in enumerate([(8, 6), (6, 8)]):
        Image.new("L", size).save(tmp_path / f"{number}.bmp")
    with pytest.raises(DataError, match=r"1\.bmp: expected masks of one size"):
        read_labels(LabelSource(tmp_path, "mask-folder"), 2)
    (tmp_path / "1.bmp").write_bytes(b"BM")
    with pytest.raises(DataError, match=r"1\.bmp: expected the mask of a frame"):
        read_labels(LabelSource(tmp_path, "mask-folder"), 2)
    Image.new("L", (8, 6)).save(tmp_path / "1.jpg")
    (tmp_path / "1.bmp").unlink()
    with pytest.raises(DataError, match=r"1\.jpg: .* does not keep single pixels"):
        read_labels(LabelSource(tmp_path, "mask-folder"), 2)
    (tmp_path / "empty").mkdir()
    for name in ("empty", "missing"):
        with pytest.raises(DataError, match=f"{name}: expected a folder of masks"):
            read_labels(LabelSource(tmp_path / name, "mask-folder"), 2)
    with pytest.raises(DataError, match="not where in them"):
        next(iter(read_masks(LabelSource(tmp_path / "x.m", "ucsd-m", "1"), 2)))


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_masks_of_no_meaning_are_not_taken_as_normal(value: float, tmp_path: Path) -> None:
    masks = np.zeros((3, 4, 4))
    masks[2, 1, 1] = value
    np.save(tmp_path / "masks.npy", masks)
    with pytest.raises(DataError, match=r"masks\.npy: the mask of frame 2 holds values below 0"):
        read_labels(LabelSource(tmp_path / "masks.npy"), 3)


def test_boxes_of_street_scene(tmp_path: Path) -> None:
    path = tmp_path / "Test001_gt.txt"
    path.write_text("Test001/002.jpg 0 5 4 4 2\n003.jpg 0 6.5 4 4 2\n\n003.jpg 1 0 0 3 3\n")
    source = LabelSource(path, "tracks", "12x8")
    assert abnormal_ranges(read_labels(source, 5)) == [(1, 2)]
    masks = list(read_masks(source, 5))
    drawn = np.zeros((5, 8, 12), bool)
    drawn[1, 3:5, 3:7] = True
    drawn[2, 3:5, 4:9] = True  # 4.5 to 8.5: the pixels that it touches
    drawn[2, 0:2, 0:2] = True  # cut at the picture's edge
    np.testing.assert_array_equal(np.stack(masks), drawn)
    path.write_text("")
    assert not read_labels(source, 5).any() and not np.stack(list(read_masks(source, 5))).any()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("006.jpg 0 5 4 4 2", "not among the video's 5 frames"),
        ("000.jpg 0 5 4 4 2", "not among the video's 5 frames"),
        (f"{'9' * 5000}.jpg 0 5 4 4 2", "not among the video's 5 frames"),
        ("003.jpg 0 5 4 4", "expected a line"),
        ("picture.jpg 0 5 4 4 2", "expected a line"),
        ("003.jpg 0 five 4 4 2", "numbers"),
        ("003.jpg 0 nan 4 4 2", "width and a height"),
        ("003.jpg 0 5 4 -4 2", "width and a height"),
    ],
)
def test_boxes_that_do_not_fit_are_reported_with_their_line(line: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "Test001_gt.txt"
    path.write_text(f"001.jpg 0 5 4 4 2\n{line}\n")
    with pytest.raises(DataError, match=rf"Test001_gt\.txt, line 2: .*{problem}"):
        read_labels(LabelSource(path, "tracks", "12x8"), 5)


def ubnormal_folder(root: Path, tracks: str) -> LabelSource:
    """Ten pictures with object 1, which is normal, object 2 from frame 4 on, object 3 in one corner throughout."""
    folder = root / "abnormal_scene_1_scenario_1_annotations"
    folder.mkdir()
    (folder / "abnormal_scene_1_scenario_1_tracks.txt").write_text(tracks)
    for number in range(10):
        objects = np.zeros((6, 8), np.uint8)
        objects[0, 0], objects[5, 7] = 1, 3
        objects[2:4, 2:4] = 2 * (number >= 4)
        Image.fromarray(objects).save(folder / f"abnormal_scene_1_scenario_1_{number:04d}_gt.png")
    return LabelSource(folder, "ubnormal")


def test_only_tracked_objects_of_ubnormal_are_abnormal(tmp_path: Path) -> None:
    source = ubnormal_folder(tmp_path, "2.000000e+00,5.0,7.0\n3,9,9\n")
    drawn = np.zeros((10, 6, 8), bool)
    drawn[5:8, 2:4, 2:4] = True
    drawn[9, 5, 7] = True
    np.testing.assert_array_equal(np.stack(list(read_masks(source, 10))), drawn)
    assert abnormal_ranges(read_labels(source, 10)) == [(5, 7), (9, 9)]
    (source.path / "abnormal_scene_1_scenario_1_new_tracks.txt").write_text("2,4,7")  # its authors' correction
    assert abnormal_ranges(read_labels(source, 10)) == [(4, 7)]


@pytest.mark.parametrize(
    ("tracks", "problem"),
    [("2,5,10", "do not lie inside"), ("2;5;7", "expected"), ("2.5,3,4", "expected"), ("2,5", "line 1")],
)
def test_tracks_of_ubnormal_that_do_not_fit_are_reported(tracks: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"_tracks\.txt, line 1: .*{problem}|{problem}"):
        read_labels(ubnormal_folder(tmp_path, tracks), 10)


def test_a_missing_mask_of_ubnormal_is_reported(tmp_path: Path) -> None:
    source = ubnormal_folder(tmp_path, "2,5,7")
    (source.path / "abnormal_scene_1_scenario_1_0006_gt.png").unlink()
    assert abnormal_ranges(read_labels(source, 10)) == [(5, 7)]
    with pytest.raises(DataError, match=r"0006_gt\.png.*No such file"):
        list(read_masks(source, 10))


def test_a_normal_video(tmp_path: Path) -> None:
    source = LabelSource(tmp_path / "normal.mp4", "normal")
    assert not read_labels(source, 7).any() and len(read_labels(source, 7)) == 7
    assert [mask.any() for mask in read_masks(source, 7)] == [False] * 7


def test_an_archive_of_arrays(tmp_path: Path) -> None:
    path = tmp_path / "gt.npz"
    np.savez(path, D001_01=np.array([0, 1, 1]), D001_02=np.array([[0, 0]]))
    assert read_labels(LabelSource(path, "npz", "D001_01"), 3).tolist() == [False, True, True]
    assert not read_labels(LabelSource(path, "npz", "D001_02"), 2).any()
    assert listed_keys(path, "npz") == ["D001_01", "D001_02"]
    for key, frames, problem in [
        ("D001_01", 4, "3 labels for a video of 4"),
        ("D9", 3, "none called D9"),
        (None, 3, "key"),
    ]:
        with pytest.raises(DataError, match=problem):
            read_labels(LabelSource(path, "npz", key), frames)


class Bomb:
    """Unpickling it would raise."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise RuntimeError('it was run')",)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    bombs = np.array([Bomb()] * 3, object)
    np.savez(tmp_path / "gt.npz", D001_01=bombs)
    np.save(tmp_path / "gt.npy", bombs)
    (tmp_path / "raw.npz").write_bytes(pickle.dumps(Bomb()))
    for source in (
        LabelSource(tmp_path / "gt.npz", "npz", "D001_01"),
        LabelSource(tmp_path / "raw.npz", "npz", "D001_01"),
        LabelSource(tmp_path / "gt.npy", "npz", "D001_01"),
        LabelSource(tmp_path / "gt.npy"),
        LabelSource(tmp_path / "gt.npy", "npy-part", "0-3/3"),
        LabelSource(tmp_path / "gt.npz", "mat-masks"),
    ):
        with pytest.raises(DataError, match=r"gt\.np[yz]|raw\.npz") as problem:
            read_labels(source, 3)
        assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    "text",
    [
        "TestVideoFile{end+1}.gt_frame = find(x);",
        "TestVideoFile{end+1}.gt_frame = [1:5]; system('touch RAN');\nTestVideoFile{end+1}.gt_frame = eval('[1:5]');",
        "TestVideoFile{1}.gt_frame = [1:5];",
        "TestVideoFile{end+1}.gt_frame = [1:31];",
        "TestVideoFile{end+1}.gt_frame = [0:5];",
        "TestVideoFile{end+1}.gt_frame = [9:5];",
        "TestVideoFile{end+1}.gt_frame = [1:2:5];",
        f"TestVideoFile{{end+1}}.gt_frame = [1:{'9' * 5000}];",
        "system('touch RAN')",
        "",
    ],
)
def test_another_kind_of_list_is_refused_and_never_executed(text: str, tmp_path: Path) -> None:
    path = tmp_path / "UCSDped2.m"
    path.write_text(text)
    with pytest.raises(DataError, match=r"UCSDped2\.m") as problem:
        read_labels(LabelSource(path, "ucsd-m", str(max(text.count("gt_frame"), 1))), FRAMES)
    assert "\n" not in str(problem.value)
    assert [file.name for file in tmp_path.iterdir()] == ["UCSDped2.m"]


def test_code_beside_the_ranges_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "UCSDped2.m"
    path.write_text("system('touch RAN'); TestVideoFile{end+1}.gt_frame = [2:3]; system('touch RAN')\n")
    assert abnormal_ranges(read_labels(LabelSource(path, "ucsd-m", "1"), 5)) == [(1, 2)]
    assert [file.name for file in tmp_path.iterdir()] == ["UCSDped2.m"]


def test_entries_of_a_cell_that_are_no_ranges_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ped2.mat"
    entries = [[[1, 2], [3, 4], [5, 6]], [[1.5], [2]], [[1], [np.inf]], [[1], [99]], [[0], [9]], [[9], [5]]]
    scipy.io.savemat(path, {"gt": cell(*map(np.array, entries))})
    for number in range(1, len(entries) + 1):
        with pytest.raises(DataError, match=rf"ped2\.mat: entry {number}") as caught:
            read_labels(LabelSource(path, "mat-ranges", str(number)), FRAMES)
        assert "\n" not in str(caught.value)


def test_a_damaged_header_of_numpys_is_one_error(tmp_path: Path) -> None:
    np.save(tmp_path / "gt.npy", np.array([0, 1, 1], np.uint8))
    whole = (tmp_path / "gt.npy").read_bytes()
    for place in range(len(whole) - 3):
        for damaged in (
            *(whole[:place] + bytes([value]) + whole[place + 1 :] for value in b"\0\xff9-(,'"),
            whole[:place],
        ):
            (tmp_path / "gt.npy").write_bytes(damaged)
            try:
                assert len(read_labels(LabelSource(tmp_path / "gt.npy"), 3)) == 3
            except DataError as error:
                assert "gt.npy" in str(error) and "\n" not in str(error)


def test_the_key_has_to_be_an_entry(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "ped2.mat", {"gt": cell(np.array([[3], [9]]))})
    for key, problem in [("2", "lists 1 test videos, but this is number 2"), ("0", "from 1"), (None, "from 1")]:
        with pytest.raises(DataError, match=problem):
            read_labels(LabelSource(tmp_path / "ped2.mat", "mat-ranges", key), FRAMES)
    np.save(tmp_path / "all.npy", np.zeros(9))
    for key, problem in [
        ("0-3/8", "frames together"),
        ("3/9", "FIRST-STOP/TOTAL"),
        ("0-3/9", "3 labels for a video of 4"),
    ]:
        with pytest.raises(DataError, match=problem):
            read_labels(LabelSource(tmp_path / "all.npy", "npy-part", key), 4)


@pytest.mark.slow
def test_the_real_labels_of_avenue(footage: Path) -> None:
    """The ranges as the footage's description lists them."""
    described = {
        "08": (36, [(0, 35)]),
        "17": (426, [(0, 55), (98, 425)]),
        "18": (294, [(0, 293)]),
        "19": (248, [(108, 247)]),
        "20": (273, [(64, 143), (167, 240)]),
        "21": (76, [(13, 65)]),
    }
    videos = {video.name: video for video in load_dataset(footage / "avenue").of("test")}
    assert videos.keys() == described.keys()
    for name, (frames, ranges) in described.items():
        labels = videos[name].labels
        assert labels is not None and abnormal_ranges(read_labels(labels, frames)) == ranges
    masks = videos["08"].masks
    assert masks is not None and next(iter(read_masks(masks, 36))).shape == (360, 640)
    with pytest.raises(DataError, match="36 masks for a video of 35 frames"):
        read_labels(masks, 35)


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([[39, 0, 0, 1, 1]], "boxes of different frames of the event"),
        ([[61, 0, 0, 1, 1]], "boxes of different frames of the event"),
        ([[50, 0, 0, 1, 1], [45, 0, 0, 1, 1]], "boxes of different frames of the event"),
        ([[50, 0, 0, 1, 1], [50, 0, 0, 1, 1]], "boxes of different frames of the event"),
        ([[50, 0, 0, 1.5, 1]], "less than or equal to 1"),
        ([[50, 0, 0, 1]], "Field required"),
    ],
)
def test_an_events_boxes_lie_in_its_frames_and_in_the_picture(
    boxes: list[list[float]], message: str, tmp_path: Path
) -> None:
    event = {"class": "bicycle", "first_frame": 40, "last_frame": 60, "abnormal": True}
    path = tmp_path / "00.events.json"
    path.write_text(json.dumps([event | {"boxes": [[40, 0, 0, 1, 1], [60, 0.5, 0, 1, 1]]}, event]))
    first, second = read_events(path, 120)
    assert first.boxes == ((40, 0, 0, 1, 1), (60, 0.5, 0, 1, 1)) and second.boxes == ()
    path.write_text(json.dumps([event | {"boxes": boxes}]))
    with pytest.raises(DataError, match=message):
        read_events(path, 120)
