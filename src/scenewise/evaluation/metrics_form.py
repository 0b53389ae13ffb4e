"""What metrics.json holds, for the check when it is read."""

import math
import os
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from scenewise.config import Macro, Protocol, Scale
from scenewise.evaluation.metric import Better, Unit
from scenewise.features.manifest_form import LONGEST_NAME, FileName, Frames, PathText, Rate
from scenewise.formats.json_text import Form

_ROUNDING = 1e-9
Share = Annotated[float, Field(ge=-_ROUNDING, le=1 + _ROUNDING)] | None
"""Sums of shares may come out a rounding error beyond 1, such as an average precision of 1.0000000000000002."""
"""A figure in [0, 1]; None if it is undefined."""
Figure = float | None
PLUGGED_IN = "plugged_in"
"""In metrics.json: the figures of `--metric`, so that no name can stand for two figures."""
Count = Annotated[int, Field(ge=0)]
Ends = Annotated[list[float], Field(min_length=2, max_length=2)] | None
"""Lower and upper end of an interval; None if there is none."""
FirstAndLast = Annotated[list[Count], Field(min_length=2, max_length=2)]

FrameAndBox = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=5, max_length=5)]
"""A frame, and left, top, right, bottom as shares of the picture's width and height."""


class _Where(Form):
    where_abnormal: Share = None
    where_normal: Share = None


class _WhereEnds(Form):
    where_abnormal: Ends = None
    where_normal: Ends = None


class _Intervals(Form):
    frame_auc_micro: Ends = None
    frame_auc_macro: Ends = None
    scene_auc_mean: Ends = None
    scene_auc: dict[str, Ends] = Field(default_factory=dict)
    event_auc: dict[str, _WhereEnds] = Field(default_factory=dict)
    event_alarm_rate: dict[str, _WhereEnds] = Field(default_factory=dict)


class _Constants(Form):
    best: Share
    zero_or_one: Share


class _EventLevel(Form):
    alarms_per_day: Figure = None
    share_found: Share = None
    delay_mean: Figure = None
    delay_median: Figure = None
    false_alarms_per_hour: Figure = None
    normal_frames_flagged: Share = None
    threshold_extrapolated: bool = False


class _Localisation(Form):
    rbdc: Share = None
    tbdc: Share = None
    pixel_auc: Share = None
    pixel_criterion_auc: Share = None


class _Described(Form):
    path: Annotated[list[str], Field(min_length=2, max_length=2)]
    group: str
    name: str
    unit: Unit
    ideal: Figure
    better: Better


class _Event(Form):
    kind: Annotated[str, Field(alias="class")]
    first_frame: Count
    last_frame: Count
    abnormal: bool
    boxes: list[FrameAndBox] = Field(default_factory=list)


class _Video(Form):
    scene: FileName
    name: FileName
    frames: Frames
    lost_frames: Count = 0
    fps: Rate
    source: PathText
    abnormal_frames: Count | None
    abnormal_ranges: list[FirstAndLast]
    events: list[_Event]
    frame_auc: Share

    @model_validator(mode="after")
    def _inside(self) -> "_Video":
        """Ranges and events lie in the video, and files can be named after it."""
        if len(os.fsencode(f"{self.scene}_{self.name}.safetensors")) > LONGEST_NAME:
            raise ValueError("a video with a shorter name")
        ranges = [*self.abnormal_ranges, *([event.first_frame, event.last_frame] for event in self.events)]
        for first, last in ranges:
            if not first <= last < self.frames:
                raise ValueError(f"frames inside the video's {self.frames}, not {first} to {last}")
        return self


class _Failed(Form):
    video: str
    reason: str


class MetricsForm(Form):
    """metrics.json."""

    protocol: Protocol
    method: str
    title: str
    scene_aware: bool
    deterministic: bool
    needs_objects: bool
    seeds: Annotated[list[int], Field(min_length=1)]
    settings: dict[str, Any]
    encoder: str
    encoder_digest: str
    scale: Scale | Literal["min-max"]
    """min-max is that of the published protocol."""
    metrics: list[_Described] = Field(default_factory=list)
    frame_auc_micro: Share
    frame_auc_macro: Share
    macro: Macro
    macro_undefined: Count
    scene_auc: dict[str, Share]
    scene_auc_mean: Share
    average_precision: Share
    equal_error_rate: Share
    constant_per_scene_auc: _Constants
    pairs_within_scene: Share
    event_auc: dict[str, _Where]
    event_alarm_rate: dict[str, _Where]
    intervals: _Intervals = _Intervals()
    event_level: _EventLevel = _EventLevel()
    localisation: _Localisation | None = None
    frames: Count
    abnormal_frames: Count
    videos: Count
    unlabelled_videos: Count
    per_video: Annotated[list[_Video], Field(min_length=1)]
    plugged_in: dict[str, Figure] = Field(default_factory=dict)
    failed_videos: list[_Failed]
    preprocess: str = "encoder"
    object_masks: dict[str, str] = Field(default_factory=dict)
    """{scene: digest of the mask whose objects count for nothing}; of all other scenes, every object counts."""

    @model_validator(mode="after")
    def _described_are_numbers(self) -> "MetricsForm":
        """What `metrics` describes stands beside the other figures, and is a number or null."""
        for top, name in (described.path for described in self.metrics):
            beside = {**(self.model_extra or {}), PLUGGED_IN: self.plugged_in}.get(top)
            value = beside.get(name) if isinstance(beside, dict) else ""
            if not isinstance(value, int | float | None) or not math.isfinite(value or 0):
                raise ValueError(f"a number or null at {top}, {name}")
        return self
