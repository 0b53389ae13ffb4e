"""Which runs may stand in one table: those evaluated in the same way on the same videos with the same labels."""

from collections.abc import Mapping, Sequence

from scenewise.counted import counted
from scenewise.errors import DataError
from scenewise.results.metrics_list import Metrics, figure_at


def require_comparable(runs: Sequence[Metrics]) -> None:
    """Raise DataError if runs differ in protocol, scale, mean of videos, masks, alarm budget, test videos or labels."""
    first = runs[0]
    videos = _videos(first)
    for other in runs[1:]:
        _require_same_settings(first, other)
        if (others := _videos(other)) != videos:
            name = next(name for name in sorted(videos | others) if videos.get(name) != others.get(name))
            raise DataError(
                f"runs of other test data cannot stand in one table: test/{name[0]}/{name[1]} is "
                f"{_described(videos.get(name))} in {_run_name(first)} and {_described(others.get(name))} in "
                f"{_run_name(other)}; give runs evaluated on the same videos and labels"
            )


def _require_same_settings(first: Metrics, other: Metrics) -> None:
    for word in ("protocol", "scale", "macro"):
        if first.get(word) != other.get(word):
            raise DataError(
                f"runs of {word} {first.get(word)} and {other.get(word)} cannot stand in one table; evaluate them with "
                f"the same --{word}"
            )
    masks = [run.get("object_masks", {}) for run in (first, other)]
    if masks[0] != masks[1]:
        scene = min(scene for scene in {**masks[0], **masks[1]} if masks[0].get(scene) != masks[1].get(scene))
        raise DataError(
            f"runs whose objects are hidden in different parts of {scene} cannot stand in one table: "
            f"{_run_name(first)} has {_mask(masks[0], scene)}, {_run_name(other)} {_mask(masks[1], scene)}; evaluate "
            "them with the same --mask"
        )
    budgets = [figure_at(run, ("event_level", "alarms_per_day")) for run in (first, other)]
    if None not in budgets and budgets[0] != budgets[1]:
        raise DataError(
            f"runs of {budgets[0]:g} and of {counted(budgets[1], 'alarm')} per day cannot stand in one table; evaluate "
            "them with the same --alarms-per-day"
        )


def _mask(masks: Mapping[str, str], scene: str) -> str:
    return f"the mask {masks[scene][:8]}" if scene in masks else "no mask"


def _videos(run: Metrics) -> dict[tuple[str, str], tuple[int, int | None, str]]:
    """{(scene, name): (frames, abnormal frames, abnormal ranges)} of all test videos."""
    return {
        (video["scene"], video["name"]): (video["frames"], video["abnormal_frames"], str(video["abnormal_ranges"]))
        for video in run["per_video"]
    }


def _described(video: tuple[int, int | None, str] | None) -> str:
    if video is None:
        return "absent"
    abnormal = "no labels" if video[1] is None else f"{video[1]} abnormal"
    return f"{counted(video[0], 'frame')} long ({abnormal})"


def _run_name(run: Metrics) -> str:
    return f"the run of {run['title']}, seed {', '.join(map(str, run['seeds']))}"
