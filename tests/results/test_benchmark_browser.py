"""The benchmark's page in a real browser: nothing loaded, no wider than the screen, the methods stay in sight."""

import shutil
from pathlib import Path

import pytest
from example_metrics import TITLES, metrics
from playwright.sync_api import sync_playwright
from test_published_rows import TEST_VIDEOS, table

from scenewise.results.as_html import as_html
from scenewise.results.table import table_of

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
        hint = shown.locator(".sideways")
        assert hint.is_visible() and "more column" in hint.text_content()
        scroll.evaluate("one => { one.scrollLeft = one.scrollWidth; }")
        shown.wait_for_function("!document.querySelector('.wide').classList.contains('more')")
        assert "back to the left" in hint.text_content(), "nothing is hidden any more on the right"
        colours = []
        for scheme in ("light", "dark"):
            shown.emulate_media(color_scheme=scheme)
            colours.append(shown.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert colours[0] != colours[1]
        browser.close()
    assert complaints == [(tmp_path / "table.html").as_uri()]


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (apt-get install chromium)")
def test_columns_sort_by_click_and_by_keyboard_best_first(tmp_path: Path) -> None:
    events = [{"bicycle": {"where_abnormal": 0.9, "where_normal": value}} for value in (0.3, 0.55, 0.6)]
    runs = [
        metrics(one, within=within, event_auc=of_events)
        for one, within, of_events in zip(TITLES, (0.6, 0.9, None), events, strict=True)
    ]
    (tmp_path / "table.html").write_text(as_html(table_of(runs)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        shown = browser.new_page(viewport={"width": 1400, "height": 900})
        shown.goto((tmp_path / "table.html").as_uri())

        def column(name: str) -> list[str]:
            place = shown.get_by_role("columnheader", name=name).evaluate("one => one.cellIndex")
            cells = shown.locator(f"tbody.measured tr:not(.group) > :nth-child({place + 1})")
            return [text.split()[0] for text in cells.all_text_contents()]

        def direction(name: str) -> str | None:
            return shown.get_by_role("columnheader", name=name).get_attribute("aria-sort")

        within, normal = "mean within scenes", "bicycle, normal there"
        assert column(within) == ["60.0", "90.0", "–"] and direction(within) is None  # noqa: RUF001
        shown.get_by_role("button", name=within).click()
        assert column(within) == ["90.0", "60.0", "–"] and direction(within) == "descending"  # noqa: RUF001
        shown.get_by_role("button", name=within).press("Enter")
        assert column(within) == ["60.0", "90.0", "–"] and direction(within) == "ascending"  # noqa: RUF001
        shown.get_by_role("button", name=normal).press("Space")
        assert column(normal) == ["55.0", "60.0", "30.0"], "nearest to 50 first"
        assert direction(within) is None and direction(normal)
        assert shown.locator("tbody.constant tr:not(.group)").count() == 2, "constants stay below"
        browser.close()
