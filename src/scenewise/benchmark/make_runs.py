"""Makes the runs of a benchmark that are still missing, one after the other or side by side, and says the time left."""

from collections.abc import Mapping

from scenewise.benchmark.run_in_process import Job, in_child
from scenewise.benchmark.side_by_side import Children, runs_at_once, side_by_side
from scenewise.benchmark.time_left import TimeLeft
from scenewise.clock import duration
from scenewise.config import BenchmarkConfig
from scenewise.errors import ConfigError, DataError
from scenewise.progress import note, say
from scenewise.runs.run import RUN_JSON

Name = tuple[str, int]
"""A form and a seed."""


def make_runs(jobs: Mapping[Name, Job], config: BenchmarkConfig) -> set[str]:
    """Make all of `jobs`, in their order; returns the forms that the features turned out not to allow.

    Such a form is noted with the reason if it was optional. Raises what `in_child` does.
    """
    at_once = max(1, min(runs_at_once(config.jobs, config.device), len(jobs)))
    maker = _Maker(jobs, at_once)
    if at_once > 1:
        for job in jobs.values():
            job.run.parent.mkdir(parents=True, exist_ok=True)  # a lock removes folders that only it needed
        side_by_side(list(jobs), at_once, maker.make)
    else:
        for name in jobs:
            maker.make(name)
    return maker.skipped


class _Maker:
    """Makes runs, from any thread, and says so."""

    def __init__(self, jobs: Mapping[Name, Job], at_once: int) -> None:
        self._jobs = jobs
        self._time_left = TimeLeft({job.run.name: form for (form, _), job in jobs.items()}, at_once)
        self.skipped: set[str] = set()

    def make(self, name: Name, children: Children | None = None) -> None:
        """Make one run."""
        (form, seed), job = name, self._jobs[name]
        if form in self.skipped:
            self._time_left.drop(job.run.name)
            return
        self._time_left.begin(job.run.name)
        say(f"{form}, seed {seed} ({[*self._jobs].index(name) + 1} of {len(self._jobs)})")
        try:
            in_child(job) if children is None else in_child(job, children)
        except (ConfigError, DataError) as error:
            if not job.optional or (job.run / RUN_JSON).exists():
                raise
            self._time_left.drop(job.run.name)
            if form not in self.skipped:
                note(f"{form} is skipped: {error}")
            self.skipped.add(form)
            return
        self._time_left.finish(job.run.name)
        left = self._time_left.seconds()
        if left:
            say(f"{form}, seed {seed} is finished; about {duration(left)} left")
