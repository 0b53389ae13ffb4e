"""What a detector reaches that knows only which camera it looks through.

On ShanghaiTech-SD one constant a scene reaches 78 to 85 % pooled AUC: beside a pooled figure these have to stand.
"""

import numpy as np

from scenewise.evaluation.metrics import Labels, frame_auc


def constant_per_scene_auc(labels: dict[str, Labels]) -> dict[str, float | None]:
    """Pooled frame AUC of one constant score a scene; `labels` {scene: (N,) of its test frames}.

    `best`: the best constants there are, each scene's share of abnormal frames (ordering by it is the Neyman-Pearson
    test when only the scene is seen). `zero_or_one`: 0 for scenes without an abnormal frame, 1 elsewhere. None where
    all frames are of one class.
    """
    if not labels:
        return {"best": None, "zero_or_one": None}
    pooled = np.concatenate(list(labels.values()))
    shares = np.concatenate([np.full(len(own), own.mean()) for own in labels.values()])
    return {"best": frame_auc(pooled, shares), "zero_or_one": frame_auc(pooled, (shares > 0).astype(float))}


def pairs_within_scene(labels: dict[str, Labels]) -> float | None:
    """Share of the pairs of an abnormal and a normal frame, which pooled AUC counts, that lie within one scene.

    `labels` {scene: (N,) of its test frames}. The other pairs compare frames of different cameras: a constant a scene
    can order them, and what is known of the pictures need not. None without both classes.
    """
    abnormal = {scene: int(own.sum()) for scene, own in labels.items()}
    normal = {scene: len(own) - abnormal[scene] for scene, own in labels.items()}
    pairs = sum(abnormal.values()) * sum(normal.values())
    return sum(abnormal[scene] * normal[scene] for scene in labels) / pairs if pairs else None
