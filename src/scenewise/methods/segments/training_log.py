"""The training log: a CSV always, TensorBoard and Weights & Biases if asked for."""

import re
from pathlib import Path
from types import TracebackType
from typing import Any

from torch import Tensor

from scenewise.checksums import reading
from scenewise.errors import ConfigError
from scenewise.files import gone_error, is_opened_as, write_bytes
from scenewise.formats.csv_table import read_table
from scenewise.methods.segments.settings import StepSettings

LOG = "log.csv"
STEP, HELD_OUT = "step", "held_out_error"
"""Between these columns, one for every loss that the model gives; the report makes the titles of its charts of them."""


class TrainingLog:
    """Use as a context manager; every row is on disk when `write` returns."""

    def __init__(self, out: Path, settings: StepSettings, after: int) -> None:
        """Rows behind step `after` are dropped: a resumed training writes them anew.

        Raises ConfigError if a logger that was asked for is not installed.
        """
        self.path = out / LOG
        # First, so that one that is not installed leaves nothing behind.
        self.tensorboard = _tensorboard(out) if settings.tensorboard else None
        self.wandb = _wandb(out, settings) if settings.wandb else None
        self.rows: list[dict[str, str]] = []
        if after and self.path.is_file():
            with reading(self.path, "delete it: the training goes on without its earlier lines"):
                self.rows = [row for row in read_table(self.path) if _is_until(row, after)]
        self.losses = [name for name in (self.rows[0] if self.rows else {}) if name not in (STEP, HELD_OUT)]
        self._write_whole()

    def __enter__(self) -> "TrainingLog":
        self.file = self.path.open("a", newline="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        whole = is_opened_as(self.path, self.file.fileno())
        self.file.close()
        if self.tensorboard is not None:
            self.tensorboard.close()
        if self.wandb is not None:
            self.wandb.finish(exit_code=0 if kind is None else 1)
        if kind is None and not whole:
            raise gone_error(self.path)

    def write(self, step: int, losses: dict[str, Tensor], held_out: float | None = None) -> None:
        """Log the losses of one step and, at a checkpoint, the held-out error."""
        values = {name: float(value) for name, value in losses.items()}
        if held_out is not None:
            values[HELD_OUT] = held_out
        self.rows.append({STEP: str(step), **{name: f"{value:.6g}" for name, value in values.items()}})
        new = [name for name in losses if name not in self.losses]
        if new:
            self._require_whole()
            self.file.close()
            self.losses += new
            self._write_whole()
            self.file = self.path.open("a", newline="")
        else:
            self.file.write(self._line(self.rows[-1]) + "\n")
            self.file.flush()
        if self.tensorboard is not None:
            for name, value in values.items():
                self.tensorboard.add_scalar(name, value, step)
        if self.wandb is not None:
            self.wandb.log(values, step=step)

    def _write_whole(self) -> None:
        """The head and all rows: at the start, and when a model gives a loss that it did not give before."""
        lines = [",".join((STEP, *self.losses, HELD_OUT)), *map(self._line, self.rows)]
        write_bytes(self.path, ("\n".join(lines) + "\n").encode())

    def _line(self, row: dict[str, str]) -> str:
        return ",".join(row.get(column) or "" for column in (STEP, *self.losses, HELD_OUT))

    def _require_whole(self) -> None:
        if not is_opened_as(self.path, self.file.fileno()):
            raise gone_error(self.path)


def _is_until(row: dict[str, str], after: int) -> bool:
    """Whether a line of the log is of a step up to `after`."""
    step = row.get("step", "")
    return bool(re.fullmatch("[0-9]{1,12}", step)) and int(step) <= after


def _tensorboard(out: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ConfigError(
            "--tensorboard needs TensorBoard; install it with: pip install 'scenewise[tensorboard]'"
        ) from error
    return SummaryWriter(str(out / "tensorboard"))


def _wandb(out: Path, settings: StepSettings) -> Any:
    try:
        import wandb
    except ImportError as error:
        raise ConfigError("--wandb needs Weights & Biases; install it with: pip install 'scenewise[wandb]'") from error
    return wandb.init(project="scenewise", name=out.name, dir=str(out), config=vars(settings))
