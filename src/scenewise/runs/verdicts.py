"""What the footage that a run was trained on is enough for, scene by scene."""

from scenewise.runs.run import Run
from scenewise.scoring.calibration import read_calibration
from scenewise.scoring.scene_recognition import NEAREST, read_recogniser
from scenewise.scoring.verdict import FootageVerdict, footage_verdict


def verdicts_of(run: Run) -> dict[str, FootageVerdict]:
    """{scene: verdict} from the run's calibration. Raises IntegrityError if that was changed."""
    calibration = read_calibration(run.folder, run.scenes)
    return {scene: footage_verdict(calibration.normal_scores(scene)) for scene in run.scenes}


def warnings_of(run: Run) -> list[str]:
    """What will be said when the run scores videos and can be mended by other footage now: one sentence each.

    Raises IntegrityError if a file of the run was changed.
    """
    if read_recogniser(run.folder, run.scenes, run.feature_width).refuses:
        return []
    return [f"{NEAREST} to `score`, and a second recording of a scene lets the run tell for itself"]
