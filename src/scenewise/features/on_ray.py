"""The videos of a data set shared out to the machines of a Ray cluster: `extract --ray`.

Ray schedules videos, never frames: what travels is which video, and what came of it. The frames are read where they are
encoded, and the features are written to the store, which every machine sees under the same path. So the store stays
the only truth: whatever happens to the cluster, the same command does what is missing.

https://docs.ray.io/en/latest/data/api/doc/ray.data.Dataset.map_batches.html
"""

import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scenewise.config import ExtractConfig, Parallel
from scenewise.errors import ConfigError, ScenewiseError
from scenewise.features.output_checks import target_of
from scenewise.features.process_video import Progressed, VideoRow, VideoTask, open_processor
from scenewise.files import hidden_name
from scenewise.worker_pool import cores, limit_threads

LOCAL = "local"
"""The address that stands for a cluster of this machine alone, which ends with the command."""
TRIES = 10
"""A video is tried so often when its process or machine is lost. What is stored by then is kept."""


class _Processor:
    """What a process of the cluster does: opened once, then one video after the other."""

    def __init__(self, config: ExtractConfig, scenes: set[str], most_tries: int) -> None:
        limit_threads(1)
        self.most_tries = most_tries
        self.process = open_processor(config, scenes)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {"number": batch["number"], "row": [self._row(task) for task in batch["task"]]}

    def _row(self, task: VideoTask) -> VideoRow | ScenewiseError:
        """The row of `task`, unless it has taken down a process so often that nobody should try it again.

        An error that is no fault of the video is given back: if it were raised, Ray would pass on its text alone.
        """
        tries = _tries(task)
        tries.parent.mkdir(parents=True, exist_ok=True)
        with tries.open("ab") as file:
            file.write(b".")
        if tries.stat().st_size > self.most_tries:
            reason = f"{self.most_tries} times the process that read it was lost; there may be too little memory"
            return VideoRow(task.video, reason=f"{task.video.path}: {reason}")
        try:
            return self.process(task, lambda done: None)
        except ScenewiseError as error:
            return error
        finally:
            tries.unlink(missing_ok=True)


def process_on_ray(
    tasks: Sequence[VideoTask],
    config: ExtractConfig,
    scenes: set[str],
    parallel: Parallel,
    advance: Callable[[int, Progressed], None],
) -> Iterator[tuple[int, VideoRow]]:
    """The number and the row of every task, as it is finished; `advance(number, done)` with them.

    `parallel.ray` is the address of the cluster; `parallel.workers` how many processes work at most. Raises ConfigError
    if Ray is not installed or there is no such cluster, and what a task raises that is no fault of its video.
    """
    for task in tasks:
        _tries(task).unlink(missing_ok=True)
    ray = _started(parallel)
    try:
        ray.data.DataContext.get_current().enable_progress_bars = False
        processes = int(ray.cluster_resources().get("CPU", 1)) if parallel.workers == "auto" else parallel.workers
        listed = ray.data.from_items(
            [{"number": number, "task": _anywhere(task)} for number, task in enumerate(tasks)],
            override_num_blocks=len(tasks),  # a block is what is scheduled, and what is lost
        )
        rows = listed.map_batches(
            _Processor,
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=max(1, min(processes, len(tasks)))),
            fn_constructor_args=(config, scenes, TRIES),
            num_cpus=1,
            num_gpus=1 if config.device.startswith("cuda") else None,
        )
        for one in rows.iter_rows():
            number = int(one["number"])
            if isinstance(one["row"], ScenewiseError):
                raise one["row"]
            row = _here(one["row"], tasks[number])
            advance(number, Progressed(0 if row.stored is None else row.stored.frames, None))
            yield number, row
    finally:
        ray.shutdown()


def _started(parallel: Parallel) -> Any:
    """Ray, joined to the cluster."""
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ConfigError("--ray: Ray is not installed; install it by: pip install 'scenewise[ray]'") from error
    for name in ("ray", "ray.data", "ray.data._internal.tensor_extensions.arrow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        if parallel.ray == LOCAL:
            processes = cores() if parallel.workers == "auto" else parallel.workers
            ray.init(address=LOCAL, num_cpus=processes, include_dashboard=False, **quiet)
        else:
            _require_listening(str(parallel.ray))
            ray.init(address=parallel.ray, **quiet)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ConfigError(
            f"--ray {parallel.ray}: expected local, or the address of a running cluster, like 10.0.0.1:6379: {reason}"
        ) from error
    return ray


def _require_listening(address: str) -> None:
    """Raise OSError if nobody listens at `address`, host:port with or without ray://: Ray itself waits for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=10).close()


def _tries(task: VideoTask) -> Path:
    """Grows by a byte with every try of the task: Ray itself tries again without end when a process is lost."""
    folder = target_of(task.out, task.video)
    return folder.with_name(hidden_name(".tries-", folder.name))


def _anywhere(task: VideoTask) -> VideoTask:
    """The task for a process that runs in another folder."""
    return VideoTask(replace(task.video, path=task.video.path.absolute()), task.out.absolute())


def _here(row: VideoRow, task: VideoTask) -> VideoRow:
    """The row with the paths that the caller uses."""
    if row.stored is None:
        return replace(row, video=task.video)
    return replace(row, video=task.video, stored=replace(row.stored, folder=target_of(task.out, task.video)))
