"""`--help` in groups, what most people need first: which flag of which command stands under which heading."""

from collections.abc import Iterator, Mapping

from attrs import define, evolve, field
from cyclopts import Group
from cyclopts.help import DefaultFormatter, HelpEntry, HelpPanel
from rich.console import Console, ConsoleOptions

Groups = Mapping[str, str]
"""{heading: flags without their dashes, separated by spaces}; flags in no group stand before all others."""
BASICS = "Basics"
GENERAL = Group("For every command", sort_key=9)
"""Stands last."""

EXTRACT: Groups = {
    "More of each frame": "regions flow objects objects-every encode-every ignore-mask",
    "How the encoder sees a frame": "weights fit preprocess mean std colour precision int8-tower",
    "How videos are read": "fps decode-height max-pixels block strict device",
    "Who does the work": "workers shard ray",
}
TRAIN: Groups = {
    "Training in steps": "steps seed learning-rate checkpoint-every keep-checkpoints scenes-per-batch "
    "segments-per-scene segment-length segment-fps standardise",
    "Size of the model": "width latent layers heads feed-forward dropout",
    "Scoring by windows": "stride aggregate",
    "Machine and log": "device precision memory-budget tensorboard wandb",
}
EVALUATE: Groups = {
    "Events and false alarms": "alarms-per-day merge",
    "Other figures and protocols": "metric scale protocol macro mask unlabelled",
    "Where things are": "features device",
}
SCORE: Groups = {
    "When an alarm begins and ends": "threshold alarms-per-day merge latency",
    "What counts, and what else is written": "mask annotate clips all-boxes",
    "How videos are read": "encoder weights int8-tower fps max-pixels device",
}
BENCHMARK: Groups = {
    "What is compared, and how": "set metric columns protocol",
    "How frames are encoded, if DATA is a data set": "encoder weights preprocess fps",
    "Machine": "jobs device",
}


@define(kw_only=True)
class HelpInGroups(DefaultFormatter):
    """Draws the parameters of a command as a panel a group, and leaves out what says nothing."""

    groups: Groups = field(factory=dict)

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """See cyclopts: print one panel, here as several."""
        if panel.format == "parameter":
            for part in self._parts(panel):
                super().__call__(console, options, part)
        else:
            super().__call__(console, options, panel)

    def _parts(self, panel: HelpPanel) -> Iterator[HelpPanel]:
        entries = [_plain(entry) for entry in panel.entries]
        heading_of = {flag: heading for heading, flags in self.groups.items() for flag in flags.split()}
        headings = [heading_of.get(_flag(entry)) for entry in entries]
        first = [entry for entry, heading in zip(entries, headings, strict=True) if heading is None]
        basics = bool(self.groups) and panel.title == "Parameters"
        yield panel.copy(title=BASICS if basics else panel.title, entries=first)
        for group in self.groups:
            of_group = [entry for entry, heading in zip(entries, headings, strict=True) if heading == group]
            yield panel.copy(title=group, description=None, entries=of_group)


def _flag(entry: HelpEntry) -> str:
    return next(iter(entry.positive_names), "").removeprefix("--")


def _plain(entry: HelpEntry) -> HelpEntry:
    """Without `--no-NAME` of what is off already, `--empty-NAME`, and defaults that say no more than that."""
    off = entry.default in ("False", "()")
    names = tuple(name for name in entry.negative_names if not off and not name.startswith("--empty-"))
    return evolve(entry, negative_names=names, default=None if off else entry.default)
