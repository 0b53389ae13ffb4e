"""The page of scored videos: every highlight as a card, whatever names it has; nothing from outside the page."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_films import pictures, write_film

from scenewise.cli import run as cli
from scenewise.inference.page import INDEX, write_page
from scenewise.scoring.level import level_of

NAME = "<b>gate & co"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes with a flashing stripe in the test video of one, scored."""
    root = tmp_path_factory.mktemp("page")
    for scene in (0, 1):
        for number in range(3):
            write_film(root / "data" / "train" / f"scene{scene}" / f"{number}.mp4", pictures(scene, number))
    write_film(root / "new" / f"{NAME}.mp4", pictures(0, 9, odd=True))
    assert cli(["extract", str(root / "data"), "--out", str(root / "features"), "--encoder", "motion-grid"]) == 0
    assert cli(["train", str(root / "features"), "--out", str(root / "run"), "--method", "frame-knn"]) == 0
    arguments = ["score", str(root / "run"), str(root / "new"), "--out", str(root / "out"), "--scene", "scene0"]
    assert cli([*arguments, "--clips"]) == 0
    return root


def test_cards_show_the_events_with_pictures_and_names_as_text(scored: Path) -> None:
    page = (scored / "out" / INDEX).read_text()
    described = json.loads((scored / "out" / NAME / "events.json").read_text())
    assert page.count('<li class="card') == len(described["highlights"]) >= 1
    assert "<b>gate" not in page and "&lt;b&gt;gate &amp; co" in page
    assert (
        "://" not in page.replace("file://", "")
        and "<script" not in page
        and page.count("data:image/jpeg;base64,") >= 1
    )
    assert "an alarm budget needs about 3 hours" in page, "footage of seconds ranks"
    for one in described["highlights"]:
        assert (scored / "out" / NAME / one["pictures"]["frame"]).is_file()
        assert one["is_event"] or not any(
            event["start"] <= one["time"] <= event["end"] for event in described["events"]
        ), "a moment inside an event would show it twice"


def test_cards_lead_to_the_clips_that_lie_beside_the_page(scored: Path) -> None:
    page = (scored / "out" / INDEX).read_text()
    described = json.loads((scored / "out" / NAME / "events.json").read_text())
    for one in described["highlights"]:
        address = quote(f"{NAME}/{one['clip']['file']}")
        assert f'<a class="still clip" href="{address}#t=' in page
        assert one["clip"]["start"] <= one["start"] <= one["end"] <= one["clip"]["stop"]
        with av.open(str(scored / "out" / NAME / one["clip"]["file"])) as container:
            assert len(list(container.decode(video=0))) > 30
    assert not re.search(r"-\d+\.\d\d\b", re.sub(r"<path[^>]*>|<style.*?</style>", "", page, flags=re.DOTALL))


def test_the_page_can_be_made_again_and_leaves_out_what_was_changed(
    scored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (scored / "out" / INDEX).read_bytes()
    notes = ["an alarm budget needs about 3 hours"]
    again = write_page(scored / "out", notes).read_bytes()
    assert again.count(b'<li class="card') == before.count(b'<li class="card')
    path = scored / "out" / NAME / "events.json"
    content = path.read_text()
    path.write_text(content.replace("scene0", "scene9"))
    assert b'<li class="card' not in write_page(scored / "out").read_bytes()
    assert "left out" in capsys.readouterr().err
    path.write_text(content)
    write_page(scored / "out", notes)


@given(st.floats(-5, 5), st.floats(-1, 1), st.floats(0, 3))
def test_a_level_never_falls_while_the_score_rises(score: float, unusual: float, above: float) -> None:
    order = ["ordinary", "unusual", "alarm"]
    alarm = unusual + above
    levels = [order.index(level_of(float(one), unusual, alarm)) for one in np.sort([score, unusual, alarm, alarm + 1])]
    assert levels == sorted(levels) and levels[-1] == 2
    assert level_of(unusual, unusual, alarm) == "ordinary" and level_of(alarm, unusual, alarm) != "alarm"
