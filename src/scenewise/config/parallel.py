"""How the work of a command is shared out among processes and machines. It never changes a result."""

import re
from dataclasses import dataclass
from typing import Literal

from scenewise.errors import ConfigError


@dataclass(frozen=True)
class Parallel:
    """Who does the work of `extract`."""

    workers: int | Literal["auto"] = "auto"
    """Processes that each take one video after the other; auto takes one for each core where that is faster."""
    shard: str | None = None
    """Extract only every n-th video, as one of n jobs that share the folder: 1/8, 2/8 and so on; a last call without
    it completes the folder."""
    ray: str | None = None
    """Share the videos out to the machines of a Ray cluster, given its address, or local for one on this machine; all
    of them need to see the footage and the features under the same paths."""

    @property
    def of_shards(self) -> tuple[int, int]:
        """(number, count) of `shard`, numbered from 1; (1, 1) without one. Raises ConfigError if it is none."""
        if self.shard is None:
            return 1, 1
        match = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,5})", self.shard)
        if match is None or int(match[1]) > int(match[2]):
            raise ConfigError(f"--shard: expected its number and how many there are, such as 2/8, got {self.shard!r}")
        return int(match[1]), int(match[2])

    def __post_init__(self) -> None:
        if self.workers != "auto" and not 1 <= self.workers <= 1024:
            raise ConfigError(f"--workers: expected auto, or a number from 1 to 1024, got {self.workers}")
        _ = self.of_shards


ONE_PROCESS = Parallel(workers=1)
"""The default of functions: a script of a user's own is not read again by other processes."""
