"""The page in a real browser: no errors, nothing loaded, read-out and zoom by pointer and keyboard, legible."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from miniature_runs import Miniature, write_run
from object_runs import write_object_run
from playwright.sync_api import Browser, Page, sync_playwright

from conftest import write_mp4
from scenewise.report.page import write_report

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]

VIDEOS = "section[aria-labelledby=videos]"
COMPARISON = "section[aria-labelledby=comparison]"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (apt-get install chromium)"),
]

CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, i) => a * value + (1 - a) * under[i]);
  const luminance = (colour) => {
    const [r, g, b] = colour.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const spoken = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!spoken || element.closest("script, style") || !element.checkVisibility()) continue;
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    const paper = layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
    const text = over(rgba(getComputedStyle(element).color), paper);
    const [low, high] = [luminance(text), luminance(paper)].sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), element.textContent.trim().slice(0, 40)]);
  }
  return found;
}"""
"""Contrast of every visible text to what lies under it, after WCAG 2.2, relative luminance."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    mini = Miniature(scenes=("road", "<b>lawn"), frames=250, source=write_mp4(folder / "film.mp4", 250), measured=True)
    runs = [write_run(folder / f"{name}{seed}", name, seed, mini) for name in mini.scene_auc for seed in range(2)]
    return write_report(runs, folder / "report.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    """The opened report; whatever it complains about, or asks the network for, fails the test."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, color_scheme="light")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url != report.as_uri() else None)
    page.goto(report.as_uri())
    page.evaluate("document.querySelectorAll('.video').forEach((one) => { one.open = true; })")
    yield page
    context.close()
    assert [one for one in complaints if not one.startswith("data:")] == []


def test_a_picture_opens_at_full_size_and_escape_closes_it(page: Page) -> None:
    dialog, small = page.locator("dialog"), page.locator(f"{VIDEOS} .framed").first
    small.scroll_into_view_if_needed()
    small.click()
    shown = dialog.locator(".framed img").first
    assert shown.is_visible() and shown.evaluate("one => one.naturalWidth") == 64
    assert "Frame" in dialog.inner_text(), "what stands below the picture comes along"
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    for key in ("Enter", "Space"):
        page.locator(".twins .framed").first.focus()
        page.keyboard.press(key)
        assert dialog.is_visible() and "the event lasts" in dialog.inner_text(), "the whole frame of what is cut out"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.className") == "framed cut", "back where one was"


def test_zooming_keeps_the_names_of_events_in_view(page: Page) -> None:
    plot = page.locator(f"{VIDEOS} .plot").first
    plot.focus()
    page.keyboard.press("Home")
    for _ in range(10):
        page.keyboard.press("Shift+ArrowRight")
    for _ in range(3):
        page.keyboard.press("+")
    start, end = shown_range(page)
    assert start > 83 and end < 126, "inside the event, which begins and ends out of view"
    name, frame = plot.locator(".event").bounding_box(), plot.bounding_box()
    assert name["x"] == pytest.approx(frame["x"], abs=1) and name["width"] == pytest.approx(frame["width"], abs=1)
    assert plot.locator("xpath=..").locator(".x span").count() >= 2
    page.keyboard.press("0")
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("+")
    assert not plot.locator(".event").is_visible(), "out of view"


def test_the_header_stays_and_its_menu_leads_to_sections_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("scrollTo(0, 1500)")
    page.wait_for_function("scrollY > 1000")
    header = page.locator("header").bounding_box()
    assert header["y"] == 0 and header["height"] < 60
    assert not page.locator("nav").is_visible()
    page.get_by_role("button", name="Sections").click()
    page.locator("nav").get_by_text("Words").click()
    page.locator(".glossary").wait_for(state="visible")
    assert not page.locator("nav").is_visible()


def test_a_row_is_a_card_on_a_phone_and_nothing_is_cut(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    cut = """() => [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility()
        && !one.closest(".stage, .plot, .x, .unseen") && one.getBoundingClientRect().right > 391)
        .map((one) => one.outerHTML.slice(0, 99))"""
    assert page.evaluate(cut) == []
    cell = page.locator(".figures td").nth(1)
    assert cell.evaluate("one => getComputedStyle(one, '::before').content") == '"scene-agnostic autoencoder"'


def test_on_paper_everything_is_unfolded_light_and_whole(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 688, "height": 1000})
    folded = page.locator("details:not([open])").count()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded > 5 and page.locator("details:not([open])").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("header").evaluate("one => getComputedStyle(one).position") == "static"
    assert not page.locator("nav").is_visible() and not page.locator("#theme").is_visible()
    cut = "[...document.querySelectorAll('img, table')].filter((one) => one.getBoundingClientRect().right > 689).length"
    assert page.evaluate(cut) == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == folded


def shown_range(page: Page) -> tuple[float, float]:
    """What the first plot shows, in frames."""
    start, _, width, _ = map(float, page.locator(f"{VIDEOS} .chart svg").first.get_attribute("viewBox").split())
    return start, start + width


def test_the_pointer_reads_out_frame_time_and_every_score(page: Page) -> None:
    plot = page.locator(f"{VIDEOS} .plot").first
    plot.scroll_into_view_if_needed()
    box = plot.locator(".field").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 100.5 / 250, box["y"] + 50)
    text = page.locator(f"{VIDEOS} .readout").first.inner_text()
    assert text.startswith("frame 100, 0:04.0") and "bicycle (normal here)" in text
    score = page.evaluate(
        f"JSON.parse(document.querySelector('{VIDEOS} .chart script').textContent).curves[1].values[100]"
    )
    assert f"scene-aware autoencoder {score}" in text


def test_dragging_zooms_and_a_double_click_shows_the_whole_length(page: Page) -> None:
    plot = page.locator(f"{VIDEOS} .plot").first
    plot.scroll_into_view_if_needed()
    box = plot.locator(".field").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 60, steps=4)
    page.mouse.up()
    assert shown_range(page) == pytest.approx((50, 150), abs=1)
    event = page.locator(f"{VIDEOS} .chart .event").first.bounding_box()  # frames 83 to 125, so [83, 126) of [50, 150)
    assert event["x"] == pytest.approx(box["x"] + 0.33 * box["width"], abs=0.02 * box["width"])
    assert event["width"] == pytest.approx(0.43 * box["width"], abs=0.02 * box["width"])
    plot.dblclick()
    assert shown_range(page) == (0, 250)


def test_the_keyboard_moves_zooms_and_resets(page: Page) -> None:
    plot = page.locator(f"{VIDEOS} .plot").first
    plot.focus()
    page.keyboard.press("End")
    assert plot.get_attribute("aria-valuenow") == "249"
    page.keyboard.press("ArrowLeft")
    assert plot.get_attribute("aria-valuetext").startswith("frame 248, 0:09.9, scene-agnostic")
    page.keyboard.press("+")
    start, end = shown_range(page)
    assert end - start == pytest.approx(125) and start <= 248 <= end
    page.keyboard.press("Home")
    assert shown_range(page)[0] == 0
    page.keyboard.press("Escape")
    assert shown_range(page) == (0, 250)


def test_within_a_peak_its_picture_stands_beside_the_pointer(page: Page) -> None:
    chart = page.locator(f"{VIDEOS} .chart").nth(2)  # lawn: the bicycle is a peak there
    chart.scroll_into_view_if_needed()
    field, glance = chart.locator(".field").bounding_box(), chart.locator(".glance")
    peak = page.evaluate(f"JSON.parse(document.querySelectorAll('{VIDEOS} .chart script')[2].textContent).peaks[0]")
    assert 83 <= peak["frame"] <= 125
    for frame in (peak["first"], peak["last"]):
        page.mouse.move(field["x"] + field["width"] * (frame + 0.5) / 250, field["y"] + 40)
        assert glance.is_visible() and f"Frame {peak['frame']}" in glance.inner_text()
        assert glance.locator("img").evaluate("one => one.complete && one.naturalWidth") == 64
        box = glance.bounding_box()
        assert field["x"] <= box["x"] and box["x"] + box["width"] <= field["x"] + field["width"] + 1
    page.mouse.move(field["x"] + field["width"] * 5.5 / 250, field["y"] + 40)
    assert not glance.is_visible()
    chart.locator(".plot").focus()
    page.keyboard.press("Home")
    for _ in range((peak["frame"] - 0) // 10):
        page.keyboard.press("Shift+ArrowRight")
    for _ in range((peak["frame"] - 0) % 10):
        page.keyboard.press("ArrowRight")
    assert glance.is_visible()
    assert chart.locator(".plot").get_attribute("aria-valuetext").endswith("a peak")


def test_every_verdict_is_a_word_a_score_and_a_mark_with_a_name(page: Page) -> None:
    rows = page.locator(f"{COMPARISON} .verdicts li")
    assert rows.count() == 4, "two models, allowed and forbidden"
    for number in range(4):
        text = rows.nth(number).inner_text()
        mark = rows.nth(number).locator("[role=img]").get_attribute("aria-label")
        flagged, forbidden = "flagged" in text, number >= 2
        assert mark == ("right:" if flagged == forbidden else "wrong:") and "of 2 seeds agree" in text


def test_the_roc_curve_is_read_out_in_percent(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    plot = page.locator("section[aria-labelledby=distributions] .roc .plot")
    plot.focus()
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    spoken = plot.get_attribute("aria-valuetext")
    assert spoken.startswith("false alarms 1\N{NO-BREAK SPACE}%, scene-agnostic ") and spoken.endswith("%")
    page.keyboard.press("+")
    ticks = plot.locator("xpath=..").locator(".x span").all_inner_texts()
    assert ticks and all(0 <= float(tick) <= 100 for tick in ticks)


def test_every_text_can_be_read_in_both_themes(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    light = page.evaluate(CONTRASTS)
    page.get_by_role("button", name="Switch to dark colours").click()
    for contrasts in (light, page.evaluate(CONTRASTS)):
        assert len(contrasts) > 100
        assert [one for one in contrasts if one[0] < 4.5] == []


def test_the_page_is_never_wider_than_the_screen(page: Page) -> None:
    for width in (360, 390, 768, 1400, 2200):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_pictures_and_sentence_are_on_the_first_screen(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for shown in (page.locator(".twins img").first, page.locator(".twins li").last, page.locator("h1")):
        box = shown.bounding_box()
        assert (
            box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] > 0 and box["y"] + box["height"] <= height
        )
    first, second = (page.locator(".twins img").nth(place).bounding_box() for place in (0, 1))
    assert first["y"] == second["y"] and first["x"] + first["width"] <= second["x"], "side by side"
    assert first["width"] == pytest.approx(first["height"], abs=0.1)


def test_the_link_to_the_folded_table_unfolds_it(page: Page) -> None:
    table = page.locator(".figures")
    assert not table.is_visible()
    page.locator("nav").get_by_text("Table").click()
    table.wait_for(state="visible")


def test_curves_differ_in_dashes_as_their_legend_says(page: Page) -> None:
    for curve in (f"{VIDEOS} .chart .curve", f"{VIDEOS} .legend .curve"):
        dashes = page.locator(curve).evaluate_all(
            "all => all.slice(0, 2).map(one => getComputedStyle(one).strokeDasharray)"
        )
        assert dashes == ["none", "8.75px, 2.625px"] or dashes == ["8.75px, 2.625px", "none"]


def test_without_scripts_everything_is_shown(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator(f"{VIDEOS} .plot .curve").first.get_attribute("d").startswith("M0.5 ")
    assert page.locator(f"{VIDEOS} .video[open] .x span").first.inner_text() == "0:00"
    assert not page.locator("#theme").is_visible()
    context.close()


def test_boxes_lie_in_their_pictures_and_can_be_read_on_every_screen(browser: Browser, tmp_path: Path) -> None:
    film = write_mp4(tmp_path / "film.mp4", 120)
    run = write_object_run(tmp_path / "run", Miniature(source=film), film)
    out = write_report([run], tmp_path / "report.html")
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(out.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for width in (360, 768, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shown = page.locator(f"{COMPARISON} .framed").first
        picture, box = shown.locator("img").bounding_box(), shown.locator(".box.flagged").bounding_box()
        assert box["x"] - picture["x"] == pytest.approx(0.5 * picture["width"], abs=1)
        assert box["y"] - picture["y"] == pytest.approx(0.4 * picture["height"], abs=1)
        assert box["width"] == pytest.approx(0.2 * picture["width"], abs=1)
        for label in shown.locator(".box b").all():
            place = label.bounding_box()
            assert picture["x"] <= place["x"] + 1 and place["x"] + place["width"] <= picture["x"] + picture["width"] + 1
    for _ in range(2):
        assert [one for one in page.evaluate(CONTRASTS) if one[0] < 4.5] == []
        page.locator("#theme").click()
    context.close()
