"""Every public function takes paths as text, too; a run is loaded and scores in three lines."""

from pathlib import Path

import numpy as np
import pytest

import scenewise


@pytest.fixture(scope="module", params=[str, Path])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All stages on a tiny street, with every path as `str` or as `Path`."""
    kind, folder = request.param, tmp_path_factory.mktemp("public")

    def at(name: str) -> str | Path:
        place: str | Path = kind(folder / name)
        return place

    street = scenewise.StreetConfig(scenes=4, videos=2, frames=40, size="128x72", seed=4)
    scenewise.render_street(at("street"), street, workers=1)
    assert len(scenewise.load_dataset(at("street")).videos) > 8
    scenewise.extract(at("street"), at("features"), scenewise.ExtractConfig(encoder="motion-grid"))
    scenewise.train(at("features"), at("run"), "frame-knn")
    scenewise.evaluate(at("run"))
    scenewise.write_report([at("run")], at("report.html"))
    video = "street/test/road/000.mp4"
    assert scenewise.score_videos(at("run"), [at(video)], at("scored")).videos
    scenewise.run_benchmark(at("features"), at("benchmark"), scenewise.BenchmarkConfig(methods=("frame-knn",), seeds=1))
    assert scenewise.open_store(at("features")).videos and scenewise.open_run(at("run")).scenes
    return folder


def test_three_lines_score_a_video(made: Path) -> None:
    run = scenewise.load(made / "run")
    scores = run.score(str(made / "street" / "test" / "road" / "000.mp4"), scene="road")
    assert repr(run).startswith("Loaded(frame-knn of ") and repr(scores).startswith("Scores(000.mp4, road: ")
    evaluated = np.load(made / "run" / "evaluation" / "scores" / "road_000.npy")
    np.testing.assert_allclose(scores.scores, evaluated, rtol=1e-4, atol=1e-5)
    assert len(scores.times) == len(scores.scores) == 40 and scores.scene == "road"
    axes = scores.plot().axes[0]
    assert len(axes.lines[0].get_xdata()) == 40
