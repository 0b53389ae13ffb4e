"""Maps of a scored video: kept as a table, read again, and drawn over the picture."""

from pathlib import Path

import numpy as np

from scenewise.inference.annotation_panel import Panel
from scenewise.inference.heat import CLEAR, FULL, GLOW, MOST, draw_heat, heat_of
from scenewise.inference.scored_frames import ScoredFrames, Sighting
from scenewise.inference.tables import MAPS, MapTable, ScoreRow, read_maps
from scenewise.scoring.level import Levels


def frames_of(first: int, maps: np.ndarray | None, count: int = 3) -> ScoredFrames:
    zeros = np.zeros(count, np.float32)
    return ScoredFrames(first, zeros, zeros, np.arange(count) / 10, zeros > 0, [], [[]] * count, maps)


def test_the_table_gives_the_maps_back(tmp_path: Path) -> None:
    maps = np.random.default_rng(0).normal(size=(6, 2, 3)).astype(np.float32)
    table = MapTable(tmp_path)
    table.add(frames_of(0, maps[:3]))
    table.add(frames_of(3, maps[3:]))
    table.close()
    lines = (tmp_path / MAPS).read_text().splitlines()
    assert lines[0] == "frame,row1_column1,row1_column2,row1_column3,row2_column1,row2_column2,row2_column3"
    assert [line.partition(",")[0] for line in lines[1:]] == list("012345")
    np.testing.assert_allclose(np.stack(list(read_maps(tmp_path))), maps, rtol=1e-4)


def test_there_is_no_table_without_maps(tmp_path: Path) -> None:
    MapTable(tmp_path).add(frames_of(0, None))
    assert not (tmp_path / MAPS).exists() and list(read_maps(tmp_path)) == []


def test_heat_grows_with_the_score() -> None:
    heat = heat_of(np.array([[-3.0, CLEAR, (CLEAR + FULL) / 2], [FULL, 100.0, np.inf]]))
    most = round(255 * MOST)
    assert heat[..., 3].tolist() == [[0, 0, round(255 * MOST / 2)], [most] * 3]
    assert (heat[..., :3] == GLOW).all()


def test_only_the_abnormal_part_of_a_picture_glows() -> None:
    picture = np.full((40, 60, 3), 100, np.uint8)
    calm = draw_heat(picture, np.zeros((2, 3)))
    np.testing.assert_array_equal(calm, picture)
    drawn = draw_heat(picture, np.array([[0, 0, 0], [0, 0, 3.0]])).astype(int)
    assert (drawn[:10, :20] == 100).all(), "far from the cell"
    np.testing.assert_allclose(drawn[-1, -1], 100 + MOST * (np.array(GLOW) - 100), atol=1)
    assert (np.diff(drawn[-1, :, 0]) >= 0).all(), "it changes smoothly"


def test_a_panel_with_heat_draws_the_highest_box_alone() -> None:
    picture = np.full((270, 480, 3), 100, np.uint8)
    panel = Panel((270, 480), "monday.mp4, road", Levels(0.8, 1.0), 2.0)
    now = ScoreRow(0, 0.0, 2.0)
    low = Sighting(0, (0.1, 0.3, 0.2, 0.5), 1.5, 0, None)
    high = Sighting(0, (0.6, 0.3, 0.7, 0.5), 2.0, 1, None)

    def changed(heat: np.ndarray | None) -> np.ndarray:
        drawn = panel.draw(picture, now, [now], False, [low, high], heat=heat)[:270]
        return np.asarray((drawn != 100).any(axis=2))

    assert changed(None)[:, :120].any() and changed(None)[:, 260:].any()
    only = changed(np.zeros((7, 7)))
    assert not only[:, :120].any() and only[:, 260:].any()
