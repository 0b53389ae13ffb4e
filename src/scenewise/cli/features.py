"""`scenewise features`: import features that another program made."""

from pathlib import Path

from cyclopts import App

from scenewise.cli.app import Json, app, give
from scenewise.config.import_features import MEAN, Crops, Rows
from scenewise.counted import counted

features = App(name="features", help="Import features that another program made.")
app.command(features)
FEW = 10
"""Names that are printed of each kind; --json prints all."""


@features.command(name="import")
def import_(
    folder: Path,
    /,
    *,
    out: Path,
    encoder_name: str,
    data: Path | None = None,
    fps: float | None = None,
    rows: Rows = "frames",
    frames: Path | None = None,
    crops: Crops = MEAN,
    json: Json = False,
) -> None:
    """Turn features that another program made into a folder of features, as if `extract` had written it.

    Parameters
    ----------
    folder
        Folder with one file per video: .npy (N, D), HDF5 with one data set (N, D), or HDF5 with one data set a frame,
        named by the frame's number; or .npz archives with one array a video. Arrays may hold C crops: (N, C, D).
    out
        Folder of features to write, or to complete.
    encoder_name
        Name of the encoder that made the features; it is recorded as imported.
    data
        Data set that the features were made from: videos are matched by name, and their labels are used. Without it,
        scenes and splits follow from the paths: train/SCENE/VIDEO.h5 or train/SCENE_VIDEO.h5, and labels lie in
        labels/SCENE/VIDEO.npy or labels/SCENE_VIDEO.npy. So they do with a folder that holds labels/ alone.
    fps
        Frames a second; by default as in the data set, else 25.
    rows
        What the rows of a file are: frames, one each; spread, parts of the video, spread evenly over its frames: each
        frame gets the row of its part.
    frames
        How many frames each video has, for --rows spread: a .json {"01_0014": 265}, or a .csv with the columns video
        and frames; without it the data set's videos or the labels tell.
    crops
        Of several crops of each picture: mean, or the number of the one to take, from 0.
    """
    from scenewise.features.import_features import import_features

    summary = import_features(folder, out, encoder_name, data, fps, rows=rows, frames=frames, crops=crops)
    lines = [
        f"{counted(len(summary.imported), 'video')} imported, {len(summary.kept)} found whole and "
        f"kept, {counted(summary.frames, 'frame')}; "
        f"features in {out}"
    ]
    lines += _listed(
        summary.missing, "video of the data set has no features", "videos of the data set have no features"
    )
    lines += _listed(
        summary.extra, "file matches no video, and was not imported", "files match no video, and were not imported"
    )
    give(summary.as_json(), lines, json)


def _listed(names: list[str], one: str, many: str) -> list[str]:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return [f"{counted(len(names), one, many)}: {', '.join(names[:FEW])}{more}"] if names else []
