"""The progress of `extract`: a bar over the frames of all videos."""

from collections.abc import Sequence

from rich.progress import Progress


class FramesBar:
    """Progress over the frames of all videos; claims are estimates, so its total follows what videos turn out to be."""

    def __init__(self, bar: Progress, claimed: Sequence[int]) -> None:
        self.bar, self.waiting = bar, list(claimed)
        self.task = bar.add_task("extract", total=sum(claimed))
        self.expected = self.done = 0
        """Frames of the videos up to the current one."""

    def next_video(self, title: str) -> None:
        """The video before is over, whatever it was claimed to hold."""
        self.expected = self.done + self.waiting.pop(0)
        self.bar.update(self.task, description=f"extract {title}", total=self.expected + sum(self.waiting))

    def advance(self, frames: int) -> None:
        """So many more frames of the current video are done."""
        self.done += frames
        self.expected = max(self.expected, self.done)
        self.bar.update(self.task, advance=frames, total=self.expected + sum(self.waiting))

    def left(self) -> int:
        """Frames that are not yet done, as far as it is known."""
        return self.expected - self.done + sum(self.waiting)

    def finish(self) -> None:
        """No video is left."""
        self.bar.update(self.task, total=self.done)
