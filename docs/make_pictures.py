"""README's animation, picture and table of the demo, all from one demo's folder, so that they cannot disagree.

    python docs/make_pictures.py runs/demo

The animation, docs/street.webp, is what `scenewise score --annotate` makes of one of the demo's test videos. The
picture, docs/report.png, is the first screen of the demo's report. The table stands in README.md between two markers.
The picture's PNG holds the checksum of the table; tests/test_docs.py compares them. The picture needs Chromium and the
package playwright.
"""

import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import scenewise
from scenewise.files import write_bytes
from scenewise.results.rows import share
from scenewise.results.story import Story, as_markdown_table, story_of
from scenewise.results.table import table_of

ROOT = Path(__file__).resolve().parents[1]
README, PICTURE = ROOT / "README.md", ROOT / "docs" / "report.png"
ANIMATION, ANIMATED = ROOT / "docs" / "street.webp", "walkway_b/000.mp4"
"""The animation, and the test video of the demo that it shows: a bicycle and a car on a walkway."""
SECONDS, RATE, ANIMATION_WIDTH = 10, 6, 480
"""The animation's length from the video's start, its frames per second, and its width in pixels."""
BEGIN, END = "<!-- the demo's figures, by docs/make_pictures.py -->", "<!-- end of the demo's figures -->"
TABLE = "demo-table-sha256"
"""Key of the table's checksum in the picture."""
WIDTH, HEIGHT = 1440, 900
"""Pixels."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main(demo: Path) -> None:
    """Write the picture and the table of the demo in `demo`."""
    block = demo_block(demo)
    write_bytes(README, with_block(README.read_text(), block).encode())
    photograph(demo / "report.html", PICTURE)
    mark(PICTURE, block)
    with tempfile.TemporaryDirectory() as scored:
        video = demo / "street" / "test" / ANIMATED
        annotated = scenewise.ScoreConfig(scene=video.parent.name, annotate=True)
        summary = scenewise.score_videos(demo / "runs" / "fusion", [video], Path(scored), annotated)
        animate(Path(summary.videos[0]["folder"]) / "annotated.mp4", ANIMATION)


def demo_block(demo: Path) -> str:
    """What stands between the markers: the sentence, the table, and what it was made by."""
    runs = sorted((demo / "runs").glob("*/evaluation/metrics.json"))
    story = story_of(table_of([json.loads(path.read_text()) for path in runs]))
    return f"{story.sentence}\n\n{as_markdown_table(story)}\n{_made_by(demo, story)}\n"


def _made_by(demo: Path, story: Story) -> str:
    """The command, as a run of the demo recorded it, and what it was measured on."""
    recorded = json.loads(next(iter(sorted((demo / "runs").glob("*/run.json")))).read_text())["commands"]
    command = re.sub(r" --out \S+", "", recorded[-1])
    tested = story.table.tested
    seeds = "; ".join(f"{name}: {row.seeds_text}" for name, row in story.models)
    return (
        f"Percent, by `{command}`: {tested.videos} test videos of {len(tested.scenes)} scenes, encoder "
        f"{tested.encoder}. {seeds[0].upper()}{seeds[1:]}. In brackets 95 % intervals over test footage. Pooled AUC "
        "compares every abnormal frame with every normal one; "
        f"{share(tested.pairs_within_scene)} % of these pairs lie within one scene, the rest compare cameras."
    )


def with_block(text: str, block: str) -> str:
    """README's text with `block` between the markers. Raises ValueError if they are not there once each."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"expected {BEGIN} and {END} once each in README.md")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{block}{END}{rest.partition(END)[2]}"


def block_of(text: str) -> str:
    """What stands between the markers of README's text."""
    return text.partition(f"{BEGIN}\n")[2].partition(END)[0]


def checksum(block: str) -> str:
    """Of what stands between the markers."""
    return hashlib.sha256(block.encode()).hexdigest()


def photograph(report: Path, picture: Path) -> None:
    """The first screen of `report`, in light colours, as PNG."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(report.resolve().as_uri())
        page.screenshot(path=picture)
        browser.close()


def mark(picture: Path, block: str) -> None:
    """Write the checksum of `block` into the picture."""
    drawn = Image.open(picture).convert("RGB")
    about = PngInfo()
    about.add_text(TABLE, checksum(block))
    drawn.save(picture, pnginfo=about, optimize=True)


def animate(video: Path, picture: Path) -> None:
    """The first SECONDS of `video` as an animated WebP, RATE frames a second and ANIMATION_WIDTH pixels wide."""
    first, *others = pictures_of(video)
    each = {"duration": round(1000 / RATE), "loop": 0, "quality": 60, "method": 4}
    first.save(picture, format="WEBP", save_all=True, append_images=others, **each)


def pictures_of(video: Path) -> Iterator[Image.Image]:
    """The frames that the animation shows: the first one at or after each of its times."""
    shown = 0
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            if frame.time >= SECONDS or shown == SECONDS * RATE:
                return
            if frame.time >= shown / RATE:
                height = round(frame.height * ANIMATION_WIDTH / frame.width)
                picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
                yield picture.resize((ANIMATION_WIDTH, height), Image.Resampling.LANCZOS)
                shown += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
