"""Charts of what training logged: any column of log.csv, of one model for all scenes or of one per scene."""

from pathlib import Path

import pytest
from miniature_runs import Miniature, write_run

from scenewise.checksums import record_checksums
from scenewise.errors import IntegrityError
from scenewise.report.report_data import gather
from scenewise.report.sections import training

MINI = Miniature(videos=("01",), frames=30)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", "contrastive", 0, MINI)


def write_log(path: Path, text: str, run: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    record_checksums(run, [path.relative_to(run).as_posix()])


def test_every_column_of_numbers_but_the_sum_is_a_chart(run: Path) -> None:
    write_log(run / "log.csv", "step,loss,my_own_loss,notes,empty\n1,9,4.5,good,\n2,8,3.5,,\n3,7,nan,,\n", run)
    content = training.show(gather([run]))
    assert content is not None
    (chart,) = content.charts
    assert chart.title == "My own loss"
    (series,) = chart.chart.series
    assert series.mean.tolist() == [4.5, 3.5] and chart.chart.x == [1, 2]


def test_a_model_a_scene_has_charts_a_scene(run: Path) -> None:
    (run / "log.csv").unlink()
    record_checksums(run, [])
    for scene in ("road", "walkway"):
        write_log(run / "scenes" / scene / "log.csv", "step,loss,held_out_error\n5,2,0.5\n10,1,0.25\n", run)
    content = training.show(gather([run]))
    assert content is not None
    assert [one.title for one in content.charts] == ["Held out error, road", "Held out error, walkway"]


@pytest.mark.parametrize("log", ["", "a,b\n1,2\n", "step,loss\n1,2\n"])
def test_a_log_without_steps_or_losses_has_no_chart(run: Path, log: str) -> None:
    write_log(run / "log.csv", log, run)
    assert training.show(gather([run])) is None


def test_seeds_are_compared_at_the_steps_that_all_have(run: Path, tmp_path: Path) -> None:
    other = write_run(tmp_path / "other", "contrastive", 1, MINI)
    write_log(run / "log.csv", "step,loss,error\n1,9,4\n2,8,3\n3,7,1\n", run)
    write_log(other / "log.csv", "step,loss,error\n2,8,5\n3,7,2\n4,7,2\n", other)
    content = training.show(gather([run, other]))
    assert content is not None
    (series,) = content.charts[0].chart.series
    assert content.charts[0].chart.x == [2, 3] and series.mean.tolist() == [4, 1.5]


def test_a_log_that_was_changed_or_removed_is_told(run: Path) -> None:
    gathered = gather([run])
    text = (run / "log.csv").read_text()
    (run / "log.csv").write_text(text.replace("1", "2", 1))
    with pytest.raises(IntegrityError, match=r"log\.csv"):
        training.show(gathered)
    (run / "log.csv").unlink()
    with pytest.raises(IntegrityError, match=r"log\.csv: missing"):
        training.show(gathered)
