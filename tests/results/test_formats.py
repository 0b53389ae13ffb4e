"""A plugged-in figure stands in every format; and LaTeX is LaTeX, and Markdown is Markdown, whatever the names are."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from example_metrics import EVENT_LEVEL, TOY, memory, metrics
from markdown_it import MarkdownIt
from rich.console import Console

from scenewise.benchmark.written import write_tables
from scenewise.errors import ConfigError, DataError
from scenewise.evaluation.metric import Metric
from scenewise.results.as_latex import as_latex
from scenewise.results.as_markdown import as_markdown
from scenewise.results.best import best_of
from scenewise.results.group_runs import group_runs
from scenewise.results.summary_line import summary_line
from scenewise.results.table import table_of
from scenewise.results.terminal import print_table
from scenewise.results.write_table import Format, in_format

COSTS = {"parameters": 1234567, "training_seconds": 1.5, "scoring_rate": 2000.0, "peak_memory": 2**30}
SUFFIXES = ("html", "md", "csv", "tex", "json")


def with_toy(seed: int = 0, calm: float | None = 1.25) -> dict[str, Any]:
    """A run of a benchmark with a plugged-in figure and its costs."""
    return metrics(seed=seed, toy={"calm": calm}, metrics=[TOY], event_level=EVENT_LEVEL, **COSTS)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """{suffix: text} of the table of two seeds with the toy figure and a model without it."""
    (tmp_path / "report.html").write_text("")
    table = table_of([with_toy(0), with_toy(1, 1.75), memory(event_level=EVENT_LEVEL, **COSTS)])
    written = write_tables(table, tmp_path / "table", tmp_path / "report.html", ["all"])
    assert sorted(path.name for path in written) == sorted(f"table.{suffix}" for suffix in SUFFIXES)
    return {path.suffix[1:]: path.read_text() for path in written}


def test_a_plugged_in_figure_stands_in_every_format(files: dict[str, str]) -> None:
    told = json.loads(files["json"])
    assert {"key": "toy/calm", **TOY} in told["columns"]
    assert told["rows"][0]["figures"]["toy/calm"]["values"] == [1.25, 1.75]
    assert told["rows"][1]["figures"]["toy/calm"]["mean"] is None
    rows = list(csv.DictReader(io.StringIO(files["csv"])))
    assert [row["toy/calm"] for row in rows[:2]] == ["1.5", ""]
    for suffix, name in (("html", "calm_ness &amp; co"), ("md", r"calm\_ness &amp; co"), ("tex", r"calm\_ness \& co")):
        assert name in files[suffix], suffix
        assert re.search(r"1\.500.{0,40}0\.354", files[suffix]), suffix
    console = Console(file=io.StringIO(), width=120)
    print_table(table_of([with_toy()]), console)
    line, *_ = [line for line in console.file.getvalue().splitlines() if "calm_ness & co" in line]
    assert line.split()[3:5] == ["2", "1.250"], "the first line with its name; notes follow"


def test_a_table_for_people_is_narrow_unless_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("")
    table = table_of([with_toy(0), memory(event_level=EVENT_LEVEL, **COSTS)])

    def texts(*names: str) -> dict[str, str]:
        written = write_tables(table, tmp_path / "table", tmp_path / "report.html", names)
        return {path.suffix[1:]: path.read_text() for path in written}

    short, chosen = texts(), texts("toy", "event_auc/bicycle")
    head = next(line for line in short["md"].splitlines() if line.startswith("|"))
    own = "of one's own: calm\\_ness &amp; co"
    names = ["within scenes", "all pooled", "events found", "false alarms", own]
    assert [cell.strip() for cell in head.split("|")[4:-1]] == names
    for suffix in ("md", "tex", "html", "csv"):
        assert "calm" in short[suffix], "a figure of one's own is never left out"
    assert "bicycle" not in short["tex"] and "bicycle" in short["html"]
    for suffix in ("md", "tex", "html"):
        assert "calm" in chosen[suffix] and "false alarms" not in chosen[suffix]
    assert chosen["csv"] == short["csv"] and chosen["json"] == short["json"]


@pytest.mark.parametrize("form", get_args(Format))
def test_every_format_has_the_figures_and_its_columns_can_be_chosen(form: Format) -> None:
    table = table_of([with_toy(), memory(event_level=EVENT_LEVEL)])
    text = in_format(table, form)
    assert ("0.75" if form in ("csv", "json") else "75.0") in text
    only = in_format(table, form, ["frame_auc_micro"])
    assert ("0.8" if form in ("csv", "json") else "80.0") in only and (
        "0.75" if form in ("csv", "json") else "75.0"
    ) not in only
    with pytest.raises(ConfigError, match="did you mean frame_auc_micro"):
        in_format(table, form, ["frame_auc_mico"])


def test_the_best_of_a_column_is_bold_by_its_direction() -> None:
    """Higher within scenes, lower false alarms, nearer 50 where normal; what prints alike is equally good."""
    worse = {"event_level": {**EVENT_LEVEL, "false_alarms_per_hour": 9.0}, "within": 0.70004}
    better = {"event_level": EVENT_LEVEL, "event_auc": {"bicycle": {"where_abnormal": 0.9, "where_normal": 0.45}}}
    third = {"event_auc": {"bicycle": {"where_abnormal": 0.8, "where_normal": 0.6}}, "within": 0.6}
    table = table_of(
        [metrics(**worse), metrics("contrastive", **better), metrics("contrastive+classification", **third)]
    )
    is_best = best_of(table)
    best = {column.key: [is_best(row, column) for row in table.measured] for column in table.columns}
    assert best["scene_auc_mean"] == [True, True, False]
    assert best["event_level/false_alarms_per_hour"] == [False, True, False]
    assert best["event_auc/bicycle/where_normal"] == [False, True, False]
    assert best["frame_auc_micro"] == [False, False, False], "all alike"
    assert not any(is_best(row, column) for row in table.constants for column in table.columns)
    assert in_format(table, "latex").count(r"\textbf{") == in_format(table, "markdown").count("**") / 2 - 1 == 3


def test_one_line_sums_the_table_up() -> None:
    table = table_of([metrics("contrastive", within=0.9, intervals={"scene_auc_mean": [0.8, 0.95]}), memory()])
    line = summary_line(table, Path("out/table.html"))
    assert line == (
        "best within scenes: autoencoder, 90.0 % (80.0 to 95.0); one constant per scene: 50.0 % within, 84.7 % pooled; "
        "the page: out/table.html"
    )
    unmeasured = table_of([metrics(within=None, scene_auc={"road": None})])
    assert "nothing is measured" in summary_line(unmeasured, Path("p.html"))


def test_costs_have_their_units(files: dict[str, str]) -> None:
    for text in ("1,234,567", "1.5 ± 0.0 s", "2,000 ± 0/s", "1.00 ± 0.00 GiB"):
        assert text in files["md"]
    assert "parameters" not in {column.name for column in table_of([metrics()]).columns}


def test_a_figure_that_runs_describe_differently_is_refused() -> None:
    other = {**TOY, "unit": "share"}
    with pytest.raises(DataError, match="toy/calm"):
        group_runs([with_toy(), metrics("contrastive", toy={"calm": 1.0}, metrics=[other], event_level=EVENT_LEVEL)])


def test_no_plugged_in_figure_can_take_the_place_of_ours() -> None:
    described = [{**TOY, "path": ["frame_auc_micro"], "name": "better"}]
    (row,) = group_runs([metrics(metrics=described)])
    names = [column.name for column in table_of([metrics(metrics=described)]).columns]
    assert "pooled AUC" in names and "better" not in names and row.cell("frame_auc_micro").unit == "share"


def test_a_figure_of_each_scene_can_be_plugged_in() -> None:
    described = {**TOY, "path": ["toy", "*"], "name": "calm of {each}"}
    table = table_of([metrics(toy={"road": 1.0, "lawn {x}": 2.0}, metrics=[described])])
    assert [column.name for column in table.columns if column.path[0] == "toy"] == ["calm of lawn {x}", "calm of road"]


def test_a_description_comes_back_as_it_was() -> None:
    metric = Metric.from_described(TOY)
    assert metric.described() == TOY and Metric.from_described(metric.described()) == metric
    with pytest.raises(DataError, match="unit"):
        Metric.from_described({**TOY, "unit": "parsec"})
    with pytest.raises(DataError):
        Metric.from_described({"path": ["toy"]})
    with pytest.raises(ConfigError, match="ideal"):
        replace(metric, better="nearer the ideal", ideal=None)


def test_latex_has_whole_lines_and_no_special_character_of_a_name(files: dict[str, str]) -> None:
    odd = metrics(title=r"50 % of_$x$ & {y} \z~^#", event_auc={"a_b & c": {"where_abnormal": 0.9, "where_normal": 0.5}})
    for text in (files["tex"], as_latex(table_of([odd]))):
        plain = re.sub(r"\\[\\{}$&%#_]", "", text.partition("\n")[2])
        assert plain.count("{") == plain.count("}") and not re.search(r"[%$#~^_–±]", plain)  # noqa: RUF001
        ends = {line for line in text.splitlines() if line.endswith(r"\\")}
        columns = len(re.search(r"tabular}{(l+r+)}", text)[1])
        for line in ends:
            spans = [int(span) - 1 for span in re.findall(r"\\multicolumn{(\d+)}", line)]
            assert line.replace(r"\&", "").count("&") + 1 + sum(spans) == columns
        for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\cmidrule"):
            assert rule in text


def test_markdown_shows_odd_names_as_text() -> None:
    odd = r"g_r&o<b>| *x* `y` [z](w) \|"
    event_auc = {"<script>": {"where_abnormal": 0.9, "where_normal": 0.5}}
    text = as_markdown(table_of([metrics(title=odd, event_auc=event_auc)]))
    assert r"g\_r&amp;o&lt;b&gt;\| \*x\* \`y\` \[z\](w) \\\|" in text and "&lt;script&gt;" in text
    assert not re.search(r"[<>]", text)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    shown = [child for token in tokens for child in token.children or []]
    assert any(token.type == "inline" and odd in "".join(c.content for c in token.children) for token in tokens)
    assert {child.type for child in shown} == {"text", "strong_open", "strong_close", "em_open", "em_close"}
    assert len([child for child in shown if child.type == "em_open"]) == 1, "the row of ideals"
    cells = {line.replace(r"\|", "").count("|") for line in text.splitlines() if line.startswith("|")}
    assert len(cells) == 1
