"""`scenewise score`: scores new videos, without labels."""

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from scenewise.checksums import read_as_one, require_written
from scenewise.clock import clock
from scenewise.config import ScoreConfig
from scenewise.counted import counted
from scenewise.errors import DataError, VideoError
from scenewise.folders import why_closed
from scenewise.inference.event_file import EVENTS
from scenewise.inference.page import accept_command, write_page
from scenewise.inference.result_names import named_results, refuse_file, refuse_scored_folder
from scenewise.inference.scoring_setup import ScoringSetup, open_setup
from scenewise.inference.thresholds import in_words, levels_of
from scenewise.inference.video_folder import refuse_earlier_stream, results_folder, score_video
from scenewise.output_folder import OutputFolder, lock_all
from scenewise.progress import note, progress
from scenewise.runs.run import open_run
from scenewise.runs.verdicts import verdicts_of
from scenewise.scoring.scene_recognition import NEAREST
from scenewise.scoring.verdict import in_short
from scenewise.video.probe import is_frame_folder
from scenewise.video.source import FrameSource, open_source
from scenewise.video.stream import is_address

RECOGNISED = {None: "", "known": " (recognised)", "nearest": " (the nearest scene, uncertain)"}


@dataclass
class ScoreSummary:
    """The results of one `score`."""

    run: Path
    out: Path
    videos: list[dict[str, Any]] = field(default_factory=list)
    """For every scored video the content of its events.json, and its `folder`."""
    failed: list[dict[str, str]] = field(default_factory=list)
    """Videos that were not scored: {video, reason}."""
    page: Path | None = None
    """The page of what to look at first; None if nothing was scored."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        page = None if self.page is None else str(self.page)
        return {
            "run": str(self.run), "out": str(self.out), "page": page, "videos": self.videos, "failed": self.failed,
        }  # fmt: skip


def score_videos(
    folder: str | Path, videos: Sequence[str | Path], out: str | Path, config: ScoreConfig | None = None
) -> ScoreSummary:
    """Score `videos` with the run in `folder`; the results of each are a folder in `out`.

    Videos are files, folders of pictures, folders that hold either, or the address of one stream, which Ctrl-C ends. If
    a video cannot be read, or shows no scene that the run knows, it is listed as failed and the others go on. Raises
    ConfigError if two videos have the same name, if a folder in `out` holds other files, if another command is scoring
    one of the videos into `out`, or if `out` is a file, a link, or lies in a folder of pictures that is scored; and
    raises as `open_setup` does.
    """
    folder, out = Path(folder), Path(out)
    config = config or ScoreConfig()
    refuse_file(out)
    OutputFolder(out, "scored videos").refuse_link()
    open_run(folder)
    named = named_results(videos)
    refuse_scored_folder(out, named.values())
    folders = [results_folder(out / name) for name in named]
    with lock_all(folders):  # before the work, and until the last video is scored
        for one in folders:
            one.refuse_foreign()
        with read_as_one(folder):
            setup = open_setup(open_run(folder), config)
        summary = _score(folder, named, out, setup, config)
        for described in summary.videos:
            require_written(Path(described["folder"]), [EVENTS])
    if summary.videos:
        scored = {described["scene"] for described in summary.videos}
        verdicts = {scene: verdict for scene, verdict in verdicts_of(open_run(folder)).items() if scene in scored}
        summary.page = write_page(out, in_short(verdicts))
    return summary


def _score(
    folder: Path, named: Mapping[str, str | Path], out: Path, setup: ScoringSetup, config: ScoreConfig
) -> ScoreSummary:
    if setup.recogniser is not None and not setup.recogniser.refuses:
        note(NEAREST)
    sources = {name: _opened(where, setup, config) for name, where in named.items()}
    summary = ScoreSummary(folder, out)
    with progress() as bar:
        claimed = [0 if isinstance(one, VideoError) else one.frames_claimed for one in sources.values()]
        task = bar.add_task("score", total=None if None in claimed else sum(count or 0 for count in claimed))
        if config.annotate:
            drawing = bar.add_task("annotate", total=bar.tasks[0].total)
        for name, source in sources.items():
            bar.update(task, description=f"score {name}")
            draw = partial(bar.advance, drawing) if config.annotate else None
            try:
                if isinstance(source, VideoError):
                    raise source
                refuse_earlier_stream(source, out / name)
                own = _of_camera(setup, name)
                with _stop_on_interrupt(source) as stop:
                    described = score_video(source, out / name, own, config, partial(bar.advance, task), draw, stop)
                summary.videos.append({"folder": str(out / name), **described})
                for fault in source.faults:
                    note(f"{source.where}: {fault}")
            except DataError as error:
                summary.failed.append({"video": str(named[name]), "reason": str(error)})
    return summary


def _of_camera(setup: ScoringSetup, name: str) -> ScoringSetup:
    """The setup for the video whose results go to `name`: its camera's folder names the scene, if the run knows it."""
    camera, _, _ = name.rpartition("/")
    if setup.scene is not None or camera not in setup.scales:
        return setup
    return replace(setup, scene=camera, recogniser=None)


def _lost(frames: int) -> str:
    return f", of which {frames} could not be decoded" if frames else ""


def in_lines(summary: ScoreSummary) -> list[str]:
    """A line for each video; then the latency, and a line for each threshold chosen by a budget of alarms."""
    lines = [
        f"{one['video']}: {one['scene']}{RECOGNISED[one['scene_recognised']]}, {counted(one['frames'], 'frame')}"
        f"{_lost(one['lost_frames'])}, "
        f"{counted(len(one['events']), 'event')}, highest {levels_of(one['threshold']).in_words(one['highest'])} at "
        f"{clock(one['highest_time'])}; alarm above {one['threshold']['value']:.2f}; in {one['folder']}"
        for one in summary.videos
    ]
    if summary.videos:
        least, most = (choose(one["latency"] for one in summary.videos) for choose in (min, max))
        latency = f"{most:.1f}" if f"{least:.1f}" == f"{most:.1f}" else f"{least:.1f} to {most:.1f}"
        lines.append(f"scores are known {latency} s after the frame")
    if summary.page:
        lines.append(f"what to look at first: {summary.page}")
    fine = _command_to_accept(summary.videos)
    if fine:
        lines.append(f"if it is fine, make it normal: {fine}")
    chosen = {one["scene"]: in_words(one["scene"], one["threshold"]) for one in summary.videos}
    return [*lines, *(words for words in chosen.values() if words)]


def _command_to_accept(videos: Sequence[Mapping[str, Any]]) -> str:
    """The command for what is highest above its alarm threshold; empty if all is ordinary or cannot be accepted."""
    found = [
        (one["score"] - video["threshold"]["value"], accept_command(Path(video["folder"]), number))
        for video in videos
        for number, one in enumerate(video["highlights"], 1)
        if one["observed"] and levels_of(video["threshold"]).of(one["score"]) != "ordinary"
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else ""


def _opened(where: str | Path, setup: ScoringSetup, config: ScoreConfig) -> FrameSource | VideoError:
    """The video; or why it cannot be read, which is reported when its turn comes."""
    try:
        if is_address(where):  # `setup.fps` is the rate of the pictures that the run's features were extracted from
            return open_source(where, config.fps, setup.max_pixels)
        if Path(where).is_dir() and not is_frame_folder(Path(where)):
            closed = why_closed(Path(where))
            holds = f"it cannot be listed ({closed})" if closed else "it holds neither"
            return VideoError(f"{where}: expected a video, a folder of pictures or a folder of videos; {holds}")
        return open_source(where, setup.fps, setup.max_pixels)
    except VideoError as error:
        return error
    except OSError as error:
        return VideoError(f"{where}: cannot be read ({error.strerror or error})")


@contextmanager
def _stop_on_interrupt(source: FrameSource) -> Iterator[threading.Event | None]:
    """Let the first Ctrl-C end a stream, so that its results are kept; the second one interrupts as usual."""
    if source.can_be_read_again or threading.current_thread() is not threading.main_thread():
        yield None
        return
    stop = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupted(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
