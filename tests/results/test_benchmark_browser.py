"""The benchmark's page in a real browser: nothing loaded, no wider than the screen, the methods stay in sight."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from test_published_rows import TEST_VIDEOS, table

from scenewise.results.as_html import as_html

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (apt-get install chromium)")
def test_the_page_scrolls_on_a_phone_and_complains_nowhere(tmp_path: Path) -> None:
    (tmp_path / "table.html").write_text(as_html(table(TEST_VIDEOS), "report.html"))
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        shown = browser.new_page(viewport={"width": 360, "height": 800})
        shown.on("console", lambda message: complaints.append(message.text))
        shown.on("request", lambda request: complaints.append(request.url))
        shown.goto((tmp_path / "table.html").as_uri())
        for width in (360, 768, 1400):
            shown.set_viewport_size({"width": width, "height": 800})
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
        shown.set_viewport_size({"width": 360, "height": 800})
        scroll, name = shown.locator(".scroll"), shown.get_by_role("rowheader", name="HF2-VAD")
        before = name.bounding_box()
        assert scroll.evaluate("one => { one.scrollLeft = 300; return one.scrollLeft; }") == 300
        assert name.bounding_box() == before
        colours = []
        for scheme in ("light", "dark"):
            shown.emulate_media(color_scheme=scheme)
            colours.append(shown.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert colours[0] != colours[1]
        browser.close()
    assert complaints == [(tmp_path / "table.html").as_uri()]
