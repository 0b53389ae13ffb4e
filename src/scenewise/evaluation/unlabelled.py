"""Test videos without labels: what is said of them, where their labels were looked for, and when they are an error."""

from collections.abc import Sequence

from scenewise.errors import DataError
from scenewise.features.store import FeatureStore, StoredVideo
from scenewise.progress import note

FEW = 3
"""Names and paths in a message."""


def require_labels(store: FeatureStore) -> None:
    """Note the test videos of `store` without frame labels. Raises DataError if none has labels or events.

    Opens no file.
    """
    videos = store.of("test")
    without = [video for video in videos if video.labels is None]
    if all(video.labels is None and video.events is None for video in videos):
        raise DataError(
            f"{store.folder}: none of its {len(videos)} test videos has labels; {_sought(without)}; add them and give "
            "the command that made the features again (it keeps what is whole), or score without figures by evaluate "
            "--unlabelled"
        )
    if without:
        titles = _few([video.title for video in without])
        note(
            f"{len(without)} of {len(videos)} test videos have no frame labels, and no figure of frames counts them: "
            f"{titles}; {_sought(without)}"
        )


def _sought(videos: Sequence[StoredVideo]) -> str:
    paths = list(dict.fromkeys(path for video in videos for path in video.labels_sought))
    return f"looked for {_few(paths)}" if paths else "the features were made without a data set that names any"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more
