"""What the footage that a run was trained on is enough for, scene by scene."""

from scenewise.runs.run import Run
from scenewise.scoring.calibration import read_calibration
from scenewise.scoring.verdict import FootageVerdict, footage_verdict


def verdicts_of(run: Run) -> dict[str, FootageVerdict]:
    """{scene: verdict} from the run's calibration. Raises IntegrityError if that was changed."""
    calibration = read_calibration(run.folder, run.scenes)
    return {scene: footage_verdict(calibration.normal_scores(scene)) for scene in run.scenes}
