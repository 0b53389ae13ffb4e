"""UBnormal's tree: a generated miniature, right and wrong in the ways a download can be wrong."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import write_mp4
from scenewise.dataset_tools.check import check_dataset
from scenewise.datasets import load_dataset
from scenewise.errors import DataError
from scenewise.labels.labels import abnormal_ranges, read_labels, read_masks

LISTS = {
    "normal_training": ["normal_scene_1_scenario1_9", "normal_scene_2_scenario_3"],
    "abnormal_training": ["abnormal_scene_1_scenario_3"],
    "normal_validation": ["normal_scene_2_scenario_4"],
    "abnormal_validation": ["abnormal_scene_2_scenario_2"],
    "normal_test": ["normal_scene_1_scenario1_2"],
    "abnormal_test": ["abnormal_scene_1_scenario_1", "abnormal_scene_2_scenario_1_fog"],
}


def place_of(root: Path, name: str) -> Path:
    return root / f"Scene{name.split('_')[2]}" / f"{name}.mp4"


def write_ubnormal(root: Path, lists_in: str | None = "scripts") -> Path:
    for number, (part, names) in enumerate(LISTS.items()):
        if lists_in is not None:
            (root / lists_in).mkdir(parents=True, exist_ok=True)
            (root / lists_in / f"{part}_video_names.txt").write_text("\n".join(names))
        for place, name in enumerate(names):
            write_mp4(place_of(root, name), 10, seed=10 * number + place)
            if part.startswith("abnormal"):
                write_annotations(root, name)
    return root


def write_annotations(root: Path, name: str) -> None:
    folder = place_of(root, name).with_name(f"{name}_annotations")
    folder.mkdir()
    (folder / f"{name}_tracks.txt").write_text("2.000000e+00,3.000000e+00,5.000000e+00\n")
    for number in range(10):
        objects = np.zeros((48, 64), np.uint8)
        objects[0:4, 0:4], objects[10:20, 30:40] = 1, 2  # 1 is normal
        Image.fromarray(objects).save(folder / f"{name}_{number:04d}_gt.png")


def reasons(root: Path) -> str:
    """The problems that the check reports, a line each."""
    return "\n".join(f"{path}: {reason}" for path, reason in check_dataset(root).mismatches)


@pytest.mark.parametrize("lists_in", ["scripts", "."])
def test_the_tree_with_its_lists(lists_in: str, tmp_path: Path) -> None:
    dataset = load_dataset(write_ubnormal(tmp_path, lists_in))
    assert dataset.layout == "ubnormal"
    assert [video.title for video in dataset.videos] == [
        "train/Scene1/normal_scenario1_9",
        "train/Scene2/normal_scenario_3",
        "test/Scene1/abnormal_scenario_1",
        "test/Scene1/normal_scenario1_2",
        "test/Scene2/abnormal_scenario_1_fog",
    ]
    for video in dataset.of("test"):
        assert video.labels is not None and video.masks is not None
        abnormal = [(3, 5)] if video.name.startswith("abnormal") else []
        assert abnormal_ranges(read_labels(video.labels, 10)) == abnormal
        drawn = [int(mask.sum()) for mask in read_masks(video.masks, 10)]
        assert drawn == [100 * (bool(abnormal) and 3 <= number <= 5) for number in range(10)]
    assert sorted((path.stem, reason) for path, reason in dataset.excluded) == [
        ("abnormal_scene_1_scenario_3", "abnormal training video"),
        ("abnormal_scene_2_scenario_2", "validation video"),
        ("normal_scene_2_scenario_4", "validation video"),
    ]
    checked = check_dataset(tmp_path)
    assert not checked.mismatches
    assert [tuple(tally)[:5] for tally in checked.tallies] == [
        ("train", "Scene1", 1, 10, None), ("train", "Scene2", 1, 10, None),
        ("test", "Scene1", 2, 20, 3), ("test", "Scene2", 1, 10, 3),
    ]  # fmt: skip


def test_without_lists_it_says_what_it_did(tmp_path: Path) -> None:
    dataset = load_dataset(write_ubnormal(tmp_path, lists_in=None))
    assert {video.name.split("_")[0] for video in dataset.of("train")} == {"normal"}
    assert {video.name.split("_")[0] for video in dataset.of("test")} == {"abnormal"}
    assert len(dataset.videos) == 8 and not dataset.excluded
    assert "not comparable with published figures" in reasons(tmp_path)


def test_some_of_the_lists_are_not_enough(tmp_path: Path) -> None:
    (write_ubnormal(tmp_path) / "scripts/normal_test_video_names.txt").unlink()
    with pytest.raises(DataError, match=r"normal_test_video_names\.txt is missing"):
        load_dataset(tmp_path)


def test_swapped_lists_are_reported(tmp_path: Path) -> None:
    lists = write_ubnormal(tmp_path) / "scripts"
    (lists / "normal_test_video_names.txt").write_text("abnormal_scene_1_scenario_1")
    with pytest.raises(DataError, match=r"normal_test_video_names\.txt: it names abnormal_scene_1.*swapped"):
        load_dataset(tmp_path)
    (lists / "normal_test_video_names.txt").write_text("normal_scene_1_scenario1_9")
    with pytest.raises(DataError, match="names normal_scene_1_scenario1_9, and so does normal_training"):
        load_dataset(tmp_path)


def test_what_is_missing_is_reported_by_its_path(tmp_path: Path) -> None:
    write_ubnormal(tmp_path)
    place_of(tmp_path, "normal_scene_2_scenario_3").unlink()
    tracks = tmp_path / "Scene1/abnormal_scene_1_scenario_1_annotations/abnormal_scene_1_scenario_1_tracks.txt"
    tracks.unlink()
    lines = reasons(tmp_path)
    assert (
        "Scene2/normal_scene_2_scenario_3.mp4: normal_training_video_names.txt names it, and it is not there" in lines
    )
    assert f"{tracks}: expected a file of tracks" in lines


def test_an_abnormal_video_without_anything_abnormal_is_reported(tmp_path: Path) -> None:
    write_ubnormal(tmp_path)
    next(tmp_path.glob("Scene1/abnormal_scene_1_scenario_1_annotations/*_tracks.txt")).write_text("")
    assert "no frame of an abnormal video is abnormal" in reasons(tmp_path)


def test_tracks_beyond_the_video_are_reported(tmp_path: Path) -> None:
    write_ubnormal(tmp_path)
    tracks = tmp_path / "Scene1/abnormal_scene_1_scenario_1_annotations/abnormal_scene_1_scenario_1_tracks.txt"
    tracks.write_text("2,3,10")
    assert "frames 3 to 10 do not lie inside the video's 10 frames" in reasons(tmp_path)


def test_a_video_in_another_scenes_folder_is_reported(tmp_path: Path) -> None:
    write_ubnormal(tmp_path)
    moved = place_of(tmp_path, "normal_scene_2_scenario_3")
    moved.rename(tmp_path / "Scene1" / moved.name)
    assert "Scene1/normal_scene_2_scenario_3.mp4: a video of scene 2 in Scene1/" in reasons(tmp_path)


def test_another_letter_case_is_reported(tmp_path: Path) -> None:
    write_ubnormal(tmp_path)
    moved = place_of(tmp_path, "normal_scene_2_scenario_3")
    moved.rename(moved.with_name("Normal_Scene_2_scenario_3.mp4"))
    assert "normal_scene_2_scenario_3.mp4: normal_training_video_names.txt names it" in reasons(tmp_path)
    for scene in (1, 2):
        (tmp_path / f"Scene{scene}").rename(tmp_path / f"scene{scene}")
    with pytest.raises(DataError, match="letter case counts: scene1 is Scene1"):
        load_dataset(tmp_path)
