"""Object masks: which boxes they hide, as pictures and as polygons."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scenewise.errors import ConfigError
from scenewise.features.object_mask import ObjectMask, object_masks

SCENES = {"gate": (200, 300), "yard": (100, 100)}
"""{scene: height and width of its pictures}."""
SHARE = st.floats(0, 1, width=32)


def picture(path: Path, bright: np.ndarray) -> Path:
    Image.fromarray(np.where(bright, 255, 0).astype(np.uint8)).save(path)
    return path


def boxes(*given: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(given, np.float32).reshape(-1, 4)


def test_a_box_is_hidden_if_more_than_half_of_it_is(tmp_path: Path) -> None:
    right_half = np.zeros((40, 60), bool)
    right_half[:, 30:] = True
    mask = object_masks([f"gate={picture(tmp_path / 'any.png', right_half)}"], SCENES)["gate"]
    given = boxes((0.5, 0, 0.8, 1), (0, 0, 0.4, 1), (0.3, 0, 0.6, 1), (0.45, 0.1, 0.65, 0.2), (0.99, 0.99, 0.99, 0.99))
    assert mask.hides(given).tolist() == [True, False, False, True, True]
    assert mask.hides(boxes()).tolist() == []


@settings(max_examples=25)
@given(st.integers(0, 2**31), SHARE, SHARE, SHARE, SHARE)
def test_the_share_is_that_of_its_pixels(seed: int, left: float, top: float, right: float, bottom: float) -> None:
    grid = 1024
    hidden = np.random.default_rng(seed).random((8, 8)).repeat(grid // 8, 0).repeat(grid // 8, 1) > 0.5
    box = boxes((min(left, right), min(top, bottom), max(left, right), max(top, bottom)))
    x, y, x1, y1 = np.round(box[0].astype(float) * grid).astype(int)
    x, y = min(x, grid - 1), min(y, grid - 1)
    inside = hidden[y : max(y1, y + 1), x : max(x1, x + 1)]
    assert ObjectMask(hidden).hides(box)[0] == (inside.sum() > inside.size / 2)


def test_a_polygon_is_the_mask_of_its_interior(tmp_path: Path) -> None:
    corners = np.array([(0.1, 0.2), (0.9, 0.3), (0.6, 0.95), (0.2, 0.7)])
    rows, columns = (np.mgrid[:1024, :1024] + 0.5) / 1024
    after = np.roll(corners, -1, axis=0)
    left_of = [
        (x1 - x0) * (rows - y0) - (y1 - y0) * (columns - x0) > 0
        for (x0, y0), (x1, y1) in zip(corners, after, strict=True)
    ]
    interior = np.all(left_of, axis=0)
    drawn = object_masks([f"gate={' '.join(f'{x},{y}' for x, y in corners)}"], SCENES)["gate"]
    painted = object_masks([f"gate={picture(tmp_path / 'p.png', interior)}"], {"gate": (8, 8)})["gate"]
    assert (drawn.hidden != painted.hidden).mean() < 0.003, "but for the edge"
    random = np.random.default_rng(3).random((500, 4))
    given = np.sort(random.reshape(500, 2, 2), axis=1).reshape(500, 4).astype(np.float32)
    assert (drawn.hides(given) != painted.hides(given)).mean() < 0.01


def test_several_of_one_scene_add_up_and_scenes_are_apart(tmp_path: Path) -> None:
    left, right = "0,0 0.5,0 0.5,1 0,1", "0.5,0 1,0 1,1 0.5,1"
    (tmp_path / "yard.png").write_bytes(picture(tmp_path / "p.png", np.eye(10, dtype=bool)).read_bytes())
    masks = object_masks([f"gate={left}", f"gate={right}", str(tmp_path / "yard.png")], SCENES)
    assert masks["gate"].hides(boxes((0.25, 0.2, 0.75, 0.6))).all()
    assert not object_masks([f"gate={left}"], SCENES)["gate"].hides(boxes((0.25, 0.2, 0.75, 0.6))).any()
    assert not masks["yard"].hides(boxes((0.25, 0.2, 0.75, 0.6))).any()
    assert masks["gate"].digest != masks["yard"].digest
    assert object_masks([], SCENES) == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("gat=0,0 1,0 1,1", "the run knows gate, yard, not gat; did you mean gate?"),
        ("gate=0,0 1,0", "at least three corners"),
        ("gate=0,0 2,0 1,1", "shares of the picture from 0 to 1"),
        ("gate=0,0 0.5,0 1,0", "no inside"),
        ("gate=missing.png", "cannot be read"),
        ("street.png", "not street; give SCENE=PICTURE"),
    ],
)
def test_what_is_wrong_is_said(given: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"--mask .*{said.replace('?', '[?]')}"):
        object_masks([given], SCENES)


def test_a_picture_of_another_aspect_is_no_mask_of_the_scene(tmp_path: Path) -> None:
    half = np.arange(64)[:, None].repeat(64, 1) < 32
    with pytest.raises(ConfigError, match=r"64x64 pixels, but the pictures of gate are 1.50 times as wide as high"):
        object_masks([f"gate={picture(tmp_path / 'square.png', half)}"], SCENES)
    assert object_masks([f"yard={tmp_path / 'square.png'}"], SCENES)["yard"].hidden[:512].all()
    with pytest.raises(ConfigError, match="64x60"):
        object_masks([f"yard={picture(tmp_path / 'other.png', half[:60])}"], SCENES)
