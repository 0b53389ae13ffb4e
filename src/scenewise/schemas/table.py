"""The form of table.json: models, constants and published results with every figure."""

from typing import Annotated, Literal

from pydantic import Field

from scenewise.evaluation.metric import Better, Unit
from scenewise.schemas.events import Count, Described


class Column(Described):
    """A figure."""

    key: str
    """Its name, as in metrics.json: `event_auc/car/where_normal`."""
    path: list[str]
    group: str
    name: str
    """For people; may change."""
    unit: Unit
    ideal: float | None
    better: Better


class Figure(Described):
    """One figure of one row; shares in [0, 1]."""

    mean: float | None
    """Over the seeds; null if the figure is undefined."""
    deviation: float | None
    """Sample standard deviation over the seeds; null for fewer than two."""
    low: float | None
    """Lower end of the 95 % interval; null if there is none."""
    high: float | None
    values: list[float]
    """Of every seed that defines it."""


class Row(Described):
    """A model, a constant, or a published result."""

    method: str
    kind: Literal["measured", "constant", "published"]
    protocol: Literal["strict", "published"] | None
    feature: Literal["image", "object"] | None
    scene_aware: bool | None
    seeds: list[int]
    deterministic: bool
    figures: dict[str, Figure]
    """{key of a column: the figure}."""


class Data(Described):
    """What was tested."""

    protocol: Literal["strict", "published"]
    scenes: list[str]
    videos: Count
    frames: Count
    abnormal_frames: Count
    encoder: str
    pairs_within_scene: Annotated[float, Field(ge=0, le=1)] | None


class TableForm(Described):
    """A table of results."""

    format: Literal[1]
    protocol: Literal["strict", "published"]
    chosen_on_test_data: bool
    """Whether anything was chosen by results on test data, so that the figures promise too much."""
    data: Data
    columns: list[Column]
    rows: list[Row]
    notes: list[str]
    """For people; may change."""
