"""What runs of methods that remember have in common, and what they are called."""

from dataclasses import asdict
from typing import Any

import pytest
from test_summary import metrics

from scenewise.config import TrainConfig
from scenewise.results.model_key import model_key, model_labels, used_settings
from scenewise.results.summary import summarise


def remembered(seed: int = 0, method: str = "fusion", scope: str = "auto", **settings: Any) -> dict[str, Any]:
    """A metrics.json of a method that remembers."""
    config = {**asdict(TrainConfig(method="autoencoder")), "method": method, "scope": scope, "seed": seed, **settings}
    return metrics(seed=seed, method=method, objective=None, config=config)


def test_settings_of_steps_make_no_other_memory_but_smoothing_and_scope_do() -> None:
    same = [
        remembered(0),
        remembered(1, scope="scene"),
        remembered(2, steps=9, width="native", objective="x", latent=3),
    ]
    (row,) = summarise(same)
    assert row.seeds == (0, 1, 2) and row.label == "fusion (objects + frame), scene-aware (a memory a scene)"
    assert row.scene_aware and row.key.remembers
    rows = summarise([remembered(), remembered(smoothing=0.0)])
    assert [row.label.rpartition(", ")[2] for row in rows] == ["smoothing 0.4", "smoothing 0.0"]


def test_every_method_and_scope_has_a_name_of_its_own_in_order() -> None:
    rows = summarise(
        [
            remembered(method="object-memory"),
            remembered(scope="pooled"),
            metrics("contrastive"),
            remembered(),
            metrics("reconstruction"),
        ]
    )
    assert [row.label for row in rows] == [
        "autoencoder, scene-agnostic (reconstruction)",
        "autoencoder, scene-aware (+ contrastive)",
        "fusion (objects + frame), scene-agnostic (one memory)",
        "object memory, scene-aware (a memory a scene)",
        "fusion (objects + frame), scene-aware (a memory a scene)",
    ]
    assert [row.scene_aware for row in rows] == [False, True, False, True, True]


@pytest.mark.parametrize(("scope", "name"), [("auto", "scene-agnostic (reconstruction)"), ("scene", "scene-aware")])
def test_an_autoencoder_a_scene_knows_the_scenes(scope: str, name: str) -> None:
    config = {**asdict(TrainConfig(method="autoencoder")), "scope": scope, "objective": "reconstruction"}
    key = model_key(metrics("reconstruction", config=config))
    assert key.scene_aware == (scope == "scene") and model_labels([key])[key].startswith(f"autoencoder, {name}")


def test_settings_without_a_use_are_not_told() -> None:
    config = asdict(TrainConfig(method="autoencoder"))
    assert "steps" in used_settings(config) and used_settings(config)["scope"] == "pooled"
    assert set(used_settings({**config, "method": "fusion"})) == {
        "method",
        "scope",
        "seed",
        "smoothing",
        "device",
        "resume",
    }
