"""`scenewise features`: what is done with features that no encoder here made."""

from pathlib import Path

from cyclopts import App

from scenewise.cli.app import Json, app, give

features = App(name="features", help="Features made elsewhere.")
app.command(features)
FEW = 10
"""Names that are told of each kind; --json tells all."""


@features.command(name="import")
def import_(
    folder: Path,
    /,
    *,
    out: Path,
    encoder_name: str,
    data: Path | None = None,
    fps: float | None = None,
    json: Json = False,
) -> None:
    """Turn features made elsewhere into a folder of features, as if `extract` had written it.

    Parameters
    ----------
    folder
        Folder of the features, a file a video: .npy (N, D), or HDF5 with one data set (N, D) or one a frame, named by
        its number.
    out
        Folder of features to write, or to complete.
    encoder_name
        What the encoder is called that made them; it is recorded as imported.
    data
        The data set they were made of: its videos are found by their names, and labels come along. Without it, scenes
        and splits are read off the tree: train/SCENE/VIDEO.h5 or train/SCENE_VIDEO.h5.
    fps
        Frames a second; by default as the data set says, else 25.
    """
    from scenewise.features.import_features import import_features

    summary = import_features(folder, out, encoder_name, data, fps)
    lines = [
        f"{len(summary.imported)} videos imported, {len(summary.kept)} found whole and kept, {summary.frames} frames; "
        f"features in {out}"
    ]
    lines += _told(summary.missing, "videos of the data set have no features")
    lines += _told(summary.extra, "files are features of no video, and were passed over")
    give(summary.as_json(), "\n".join(lines), json)


def _told(names: list[str], what: str) -> list[str]:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return [f"{len(names)} {what}: {', '.join(names[:FEW])}{more}"] if names else []
