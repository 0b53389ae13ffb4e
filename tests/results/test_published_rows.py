"""On ShanghaiTech-SD, and nowhere else, what was published stands beside what was measured, marked so."""

import csv
import io

import pytest
from example_metrics import metrics

from scenewise.results.as_csv import as_csv
from scenewise.results.as_html import as_html
from scenewise.results.as_json import as_json
from scenewise.results.as_latex import as_latex
from scenewise.results.as_markdown import as_markdown
from scenewise.results.table import Table, table_of

TEST_VIDEOS = {
    "01": ["0014", "0029", "0052", "0138", "0139", "0163"],
    "06": ["0147", "0150", "0155"],
    "10": ["0037", "0074"],
    "12": ["0142", "0148", "0151", "0154", "0173", "0174", "0175"],
}
PUBLISHED = [
    ("MemAE", "image", "no", 67.4), ("MNAD", "image", "no", 68.2), ("OG-Net", "image", "no", 69.6),
    ("AMMC-Net", "image", "no", 64.9), ("HF2-VAD", "object", "no", 70.8), ("MPN", "image", "no", 76.9),
    ("Cao et al.", "object", "yes", 82.7), ("scene-agnostic autoencoder", "image", "no", 61.3),
    ("scene-aware autoencoder", "image", "yes", 79.0),
    ("constant per scene: 0 for scene 01, 1 elsewhere", "", "", 78.1), ("best constant per scene", "", "", 84.7),
]  # fmt: skip


def videos_of_metrics(videos: dict[str, list[str]]) -> list[dict[str, object]]:
    """What metrics.json holds of test videos with these names."""
    return [
        {"scene": scene, "name": name, "frames": 330, "abnormal_frames": 161, "abnormal_ranges": []}
        for scene, names in videos.items()
        for name in names
    ]


def table(videos: dict[str, list[str]], seeds: int = 3) -> Table:
    """Of made-up runs on test videos with these names."""
    made = []
    for seed in range(seeds):
        within = [0.6, 0.8] if seed == 0 else None
        for objective in ("reconstruction", "contrastive"):
            made.append(metrics(
                objective, seed, title=objective, encoder="<own>", frame_auc_micro=0.6 + 0.01 * seed,
                frame_auc_macro=None, scene_auc=dict.fromkeys(videos, 0.7), event_auc={}, event_alarm_rate={},
                pairs_within_scene=0.16, event_level={"alarms_per_day": 24, "share_found": 0.5},
                intervals={"frame_auc_micro": [0.5 + seed / 100, 0.7], "scene_auc_mean": within},
                per_video=videos_of_metrics(videos),
                parameters=1000, training_seconds=1.5, scoring_rate=2000.0, peak_memory=2**30,
            ))  # fmt: skip
    return table_of(made).for_benchmark()


def test_published_rows_have_the_published_numbers() -> None:
    shown = table(TEST_VIDEOS)
    lines = [line for line in as_markdown(shown).splitlines() if "(published)" in line]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    found = [(name.removesuffix(" (published)"), feature, aware, float(auc)) for name, feature, aware, auc, *_ in cells]
    assert sorted(found) == sorted(PUBLISHED)
    rows = [row for row in csv.DictReader(io.StringIO(as_csv(shown))) if row["kind"] == "published"]
    assert {row["method"]: float(row["frame_auc_micro"]) for row in rows} == {
        name: pytest.approx(auc / 100) for name, _, _, auc in PUBLISHED
    }
    assert {row["scene_auc_mean"] for row in rows} == {row["protocol"] for row in rows} == {""}
    written = as_html(shown, "report.html")
    assert all(name in as_latex(shown) for name, *_ in PUBLISHED)
    assert all(name in written for name, *_ in PUBLISHED) and "<own>" not in written and "&lt;own&gt;" in written


@pytest.mark.parametrize("change", ["one missing", "one more", "another name", "another data set"])
def test_on_other_test_videos_there_are_none(change: str) -> None:
    videos = {scene: list(names) for scene, names in TEST_VIDEOS.items()}
    if change == "one missing":
        videos["06"].pop()
    elif change == "one more":
        videos["06"].append("0156")
    elif change == "another name":
        videos["06"][0] = "147"
    else:
        videos = {"walkway": ["01"]}
    assert {row["kind"] for row in as_json(table(videos))["rows"]} == {"measured", "constant"}


def test_seeds_are_averaged_and_so_are_the_ends_of_their_intervals() -> None:
    figures = as_json(table(TEST_VIDEOS))["rows"][0]["figures"]
    pooled = figures["frame_auc_micro"]
    assert pooled["values"] == [0.6, 0.61, 0.62]
    assert [pooled[part] for part in ("mean", "deviation", "low", "high")] == pytest.approx([0.61, 0.01, 0.51, 0.7])
    assert figures["scene_auc_mean"]["low"] is None, "of one seed in three"
    assert "frame_auc_macro" not in figures, "undefined in every run"
    assert figures["scoring_rate"]["mean"] == 2000 and figures["peak_memory"]["deviation"] == 0
    assert as_json(table(TEST_VIDEOS, seeds=1))["rows"][0]["figures"]["frame_auc_micro"]["deviation"] is None


def test_a_published_row_stands_after_the_forms_of_its_family_that_are_as_scene_aware() -> None:
    made = [
        metrics(title=title, method=method, scene_aware=scene_aware, per_video=videos_of_metrics(TEST_VIDEOS))
        for title, method, scene_aware in [
            ("reconstruction", "autoencoder", False), ("contrastive", "autoencoder", True),
            ("memory", "memory-autoencoder", False), ("memory/scene", "memory-autoencoder", True),
            ("forward and backward", "scene-prediction", False), ("other", "package.module:Other", False),
        ]
    ]  # fmt: skip
    shown = table_of(made)
    assert [(kind, [row.title for row in rows]) for kind, rows in shown.sections] == [
        ("measured", [
            "reconstruction", "scene-agnostic autoencoder", "memory", "MemAE", "MNAD", "forward and backward",
            "Cao et al.", "other", "contrastive", "scene-aware autoencoder", "memory/scene",
        ]),
        ("constant", [
            "best constant per scene", "0 or 1 per scene", "constant per scene: 0 for scene 01, 1 elsewhere",
            "best constant per scene",
        ]),
        ("published", ["OG-Net", "AMMC-Net", "HF2-VAD", "MPN"]),
    ]  # fmt: skip
    assert not any(row.kind == "published" for row in shown.measured)
    page = as_html(shown, "report.html")
    assert page.index(">MemAE") < page.index("Constants") < page.index(">OG-Net")
