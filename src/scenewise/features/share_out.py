"""The videos of a data set shared out: to this process, or to several, each of which takes one after the other, here
or on other machines."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from scenewise.config import Parallel
from scenewise.features.on_ray import process_on_ray
from scenewise.features.process_video import Progressed, Tools, VideoRow, VideoTask, open_processor, process_video
from scenewise.worker_pool import Died, cores, run_in_processes

FRAMES_A_PROCESS = 1000
"""A process takes about as long to start as to encode some hundred frames: so many are worth one."""


def processes_for(parallel: Parallel, tools: Tools, videos: int, frames: int) -> int:
    """How many processes are to encode `videos` videos of about `frames` frames in all.

    auto takes one a core for encoders that are light, as long as there is work for it; others use all cores as it is.
    """
    if parallel.workers != "auto":
        return max(1, min(parallel.workers, videos))
    return max(1, min(cores(), videos, 1 + frames // FRAMES_A_PROCESS)) if tools.encoder.light else 1


def process_videos(
    tasks: Sequence[VideoTask],
    tools: Tools,
    parallel: Parallel,
    processes: int,
    advance: Callable[[int, Progressed], None],
) -> Iterator[tuple[int, VideoRow]]:
    """The number and the row of every task, as it is finished; `advance(number, done)` meanwhile."""
    scenes = {task.video.scene for task in tasks} | set(tools.masks)
    if parallel.ray is not None:
        yield from process_on_ray(tasks, tools.config, scenes, parallel, advance)
        return
    if processes == 1:
        for number, task in enumerate(tasks):
            yield number, process_video(task, tools, partial(advance, number))
        return
    opened = partial(open_processor, tools.config, scenes)
    for number, row in run_in_processes(tasks, opened, processes, advance):
        yield number, died(tasks[number], row) if isinstance(row, Died) else row


def died(task: VideoTask, how: Died) -> VideoRow:
    """The row of a video that no process survived."""
    path = task.video.path
    reason = f"{path}: twice the process that read it {how.reason}; there may be too little memory for --workers"
    return VideoRow(task.video, reason=reason)
