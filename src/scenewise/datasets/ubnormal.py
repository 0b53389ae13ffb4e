"""UBnormal (Acsintoae et al., New Benchmark for Supervised Open-Set Video Anomaly Detection, CVPR 2022).

ROOT/
├── Scene1/
│   ├── normal_scene_1_scenario1_1.mp4
│   ├── abnormal_scene_1_scenario_1.mp4             also ..._scenario_1_fog.mp4, _fire, _smoke
│   └── abnormal_scene_1_scenario_1_annotations/
│       ├── abnormal_scene_1_scenario_1_tracks.txt        `track,first,last`: an abnormal object's frames, from 0
│       └── abnormal_scene_1_scenario_1_0000_gt.png       every object's number, the normal ones' too
└── scripts/normal_training_video_names.txt         the split: also abnormal_, and validation, test; or directly in ROOT

29 scenes. The lists are in the authors' repository. The training videos are the normal ones of the training part, the
test videos are both kinds of the test part. Abnormal training videos (for supervised methods) and the validation part
are excluded. Without the lists all normal videos are training videos and all abnormal ones test videos; this is not the
official split, and is reported as a mismatch.
"""

import re
from pathlib import Path

from scenewise.counted import counted
from scenewise.datasets.listing import Mismatches, entries
from scenewise.datasets.manifest import Dataset, LabelSource, Split, Video
from scenewise.errors import DataError
from scenewise.folders import is_file, is_folder
from scenewise.text_file import read_text
from scenewise.video.probe import VIDEO_SUFFIXES

TITLE = "UBnormal"
SOURCE: str | None = "https://github.com/lilygeorgescu/UBnormal"

LISTS = tuple(f"{kind}_{part}" for kind in ("normal", "abnormal") for part in ("training", "validation", "test"))
SPLIT_OF: dict[str, Split] = {"normal_training": "train", "normal_test": "test", "abnormal_test": "test"}
EXCLUDED = {
    "abnormal_training": "abnormal training video",
    "normal_validation": "validation video",
    "abnormal_validation": "validation video",
}
WITHOUT_LISTS = (
    "no *_video_names.txt of the official split: all normal videos are training videos and all abnormal ones test "
    "videos, so results are not comparable with published figures; copy scripts/ of the authors' repository into it"
)


def recognise(root: Path) -> bool:
    """Whether videos called normal_scene_N_... or abnormal_scene_N_... lie in a folder SceneN/ of `root`."""
    return any(_named(entry) for folder in _scene_folders(root) for entry in entries(folder))


def read(root: Path) -> Dataset:
    """Read the tree and the lists of its split.

    Raises DataError if no video belongs to a split, if some of the lists are missing, or if one cannot be read.
    """
    lists = _read_lists(root)
    videos: list[Video] = []
    excluded: list[tuple[Path, str]] = []
    ignored: list[Path] = []
    mismatches: Mismatches = [] if lists else [(root, WITHOUT_LISTS)]
    present: set[str] = set()
    for folder in _scene_folders(root):
        for entry in entries(folder):
            named = _named(entry)
            if named is None:
                ignored += [] if entry.name.endswith("_annotations") else [entry]
                continue
            present.add(entry.stem)
            kind, scene, scenario = named.groups()
            part = lists.get(entry.stem) if lists else {"normal": "normal_training", "abnormal": "abnormal_test"}[kind]
            if folder.name != f"Scene{scene}":
                mismatches.append((entry, f"a video of scene {scene} in {folder.name}/"))
            elif part is None:
                excluded.append((entry, "in none of the lists"))
            elif part in EXCLUDED:
                excluded.append((entry, EXCLUDED[part]))
            else:
                videos.append(_video(folder.name, f"{kind}_{scenario}", SPLIT_OF[part], entry, kind))
    if not videos:
        raise DataError(
            f"{root}: none of its {counted(len(present), 'video')} is in a list of the training or test part"
        )
    mismatches += [
        (root / _path_of(name), f"{part}_video_names.txt names it, and it is not there")
        for name, part in sorted(lists.items())
        if name not in present and part in SPLIT_OF
    ]
    videos.sort(key=lambda video: (video.split == "test", video.scene, video.name))
    return Dataset(
        root, "ubnormal", tuple(videos), ignored=tuple(ignored), excluded=tuple(excluded), mismatches=tuple(mismatches)
    )


def _scene_folders(root: Path) -> list[Path]:
    return [entry for entry in entries(root) if is_folder(entry) and re.fullmatch(r"Scene[0-9]+", entry.name)]


def _named(entry: Path) -> re.Match[str] | None:
    """Kind, scene and scenario in a video's name; in Scene 1 the scenario is written `scenario1_9`."""
    if entry.suffix.lower() not in VIDEO_SUFFIXES:
        return None
    return re.fullmatch(r"(normal|abnormal)_scene_([0-9]+)_(scenario_?[0-9]\w*)", entry.stem)


def _path_of(name: str) -> str:
    scene = re.search(r"scene_([0-9]+)", name)
    return f"Scene{scene[1] if scene else '?'}/{name}.mp4"


def _read_lists(root: Path) -> dict[str, str]:
    """{video's name: the list that names it}; empty if there are no lists."""
    folders = [root, *(entry for entry in entries(root) if is_folder(entry) and entry not in _scene_folders(root))]
    files = {part: file for part in LISTS for folder in folders if is_file(file := folder / f"{part}_video_names.txt")}
    missing = [part for part in SPLIT_OF if part not in files]
    if files and missing:
        raise DataError(f"{root}: of the lists of its split {missing[0]}_video_names.txt is missing; copy all six")
    lists: dict[str, str] = {}
    for part, file in files.items():
        names = read_text(file, "expected a list of the names of videos, one a line").split()
        if not names and part in SPLIT_OF:
            raise DataError(f"{file}: expected the names of its videos, and it is empty; copy it again")
        for name in names:
            if not name.startswith(f"{part.partition('_')[0]}_"):
                raise DataError(f"{file}: it names {name}; are two of the lists swapped?")
            if lists.setdefault(name, part) != part:
                raise DataError(f"{file}: it names {name}, and so does {lists[name]}_video_names.txt")
    return lists


def _video(scene: str, name: str, split: Split, path: Path, kind: str) -> Video:
    if split == "train":
        return Video(scene, name, split, path)
    if kind == "normal":
        source = LabelSource(path, "normal")
    else:
        source = LabelSource(path.with_name(f"{path.stem}_annotations"), "ubnormal")
    return Video(scene, name, split, path, source, source)
