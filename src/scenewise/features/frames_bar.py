"""The progress of `extract`: a bar over the frames of all videos, some of which are under way at once."""

from collections.abc import Sequence

from rich.progress import Progress


class FramesBar:
    """Progress over the frames of all videos; claims are estimates, so its total follows what videos turn out to be."""

    def __init__(self, bar: Progress, titles: Sequence[str], claimed: Sequence[int]) -> None:
        self.bar, self.titles, self.expected = bar, titles, list(claimed)
        self.done = [0] * len(claimed)
        """Frames of each video that are done."""
        self.task = bar.add_task("extract", total=sum(claimed))

    def advance(self, video: int, frames: int) -> None:
        """So many more frames of the video with this number are done."""
        self.done[video] += frames
        self.expected[video] = max(self.expected[video], self.done[video])
        self.bar.update(self.task, description=f"extract {self.titles[video]}")
        self._show()

    def end(self, video: int) -> None:
        """This video is over, whatever it was claimed to hold."""
        self.expected[video] = self.done[video]
        self._show()

    def left(self) -> int:
        """Frames that are not yet done, as far as it is known."""
        return sum(self.expected) - sum(self.done)

    def _show(self) -> None:
        self.bar.update(self.task, completed=sum(self.done), total=sum(self.expected))
