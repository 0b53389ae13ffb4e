"""The object masks that are given to a run when it scores, checked before anything is scored."""

from collections.abc import Sequence

from scenewise.errors import ConfigError
from scenewise.features.backgrounds import read_backgrounds
from scenewise.features.object_mask import ObjectMask, object_masks
from scenewise.runs.run import BACKGROUNDS, Run


def object_masks_of(run: Run, given: Sequence[str]) -> dict[str, ObjectMask]:
    """{scene: mask} of the values of `--mask`, see `object_masks`.

    Raises ConfigError if the run's method scores no objects, or a value is no mask of one of its scenes.
    """
    if not given:
        return {}
    if not run.method.needs_objects:
        raise ConfigError(f"--mask hides objects, and --method {run.method_name} scores none; leave it out")
    backgrounds = read_backgrounds(run.folder / BACKGROUNDS, run.scenes)
    return object_masks(given, {scene: one.picture.shape[:2] for scene, one in backgrounds.items()})
