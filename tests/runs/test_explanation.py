"""Explanations in words, and the other scene in which an object would be normal."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from scenewise.runs.explanation import Elsewhere, Parts, elsewhere_in_words, normal_elsewhere, parts_in_words
from scenewise.scoring.calibration import SceneScale


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((("appearance", 0.28), ("speed", 0.72)), "mostly speed (72 %)"),
        ((("appearance", 0.4), ("speed", 0.45), ("place", 0.15)), "speed (45 %) and appearance (40 %)"),
        ((("appearance", 0.0), ("speed", 0.0)), ""),
        ((), ""),
    ],
)
def test_parts_in_words(parts: Parts, words: str) -> None:
    assert parts_in_words(parts) == words


def test_elsewhere_in_words() -> None:
    assert elsewhere_in_words(Elsewhere("cycleway", 0.234)) == "normal in cycleway (0.23)"
    assert elsewhere_in_words(None) == ""


class Told:
    """A scorer that was told what three objects would score in two other scenes."""

    def elsewhere(
        self, described: NDArray[np.float16], boxes: NDArray[np.float32], scene: str
    ) -> Mapping[str, NDArray[np.float32]]:
        assert scene == "walkway" and len(described) == len(boxes) == 3
        return {"road": np.array([1, 9, np.inf], np.float32), "cycleway": np.array([22, 26, 40], np.float32)}


def test_the_scene_with_the_lowest_score_on_its_own_scale_is_named_if_it_is_ordinary_there() -> None:
    scales = {"road": SceneScale(0.0, 4.0), "cycleway": SceneScale(20.0, 30.0), "walkway": SceneScale(0.0, 1.0)}
    described, boxes = np.zeros((3, 2), np.float16), np.zeros((3, 4), np.float32)
    found = normal_elsewhere(Told(), described, boxes, "walkway", scales)  # type: ignore[arg-type]
    first, second, third = found
    assert first is not None and first.scene == "cycleway" and first.score == pytest.approx(0.2)
    assert second is None and third is None, "0.6 at best, and nowhere"
    assert normal_elsewhere(Told(), None, boxes, "walkway", scales) == [None] * 3  # type: ignore[arg-type]
    assert normal_elsewhere(object(), described, boxes, "walkway", scales) == [None] * 3  # type: ignore[arg-type]
