"""One pass over a source: from its frames to scores, and to the sinks."""

from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import Protocol

from scenewise.encoders.encode_checked import Checked
from scenewise.features.object_mask import visible
from scenewise.inference.encoded_frames import EncodedFrames, encode_frames, hold
from scenewise.inference.recognise import recognise
from scenewise.inference.scored_frames import ScoredFrames, Scoring, score_frames
from scenewise.inference.scoring_setup import ScoringSetup
from scenewise.progress import note
from scenewise.scoring.scene_recognition import SAMPLE
from scenewise.video.decode import FrameBlock
from scenewise.video.read_ahead import read_ahead
from scenewise.video.source import FrameSource

Advance = Callable[[int], None]
"""Called with the number of frames done since the last call."""


class Sink(Protocol):
    """Takes the scores of one video: a table, a list of events, a curve, an annotated video."""

    def add(self, frames: ScoredFrames) -> None:
        """Take the next frames of the video, as soon as their scores are known."""
        ...

    def close(self) -> None:
        """The video has ended: write what depends on its end. Not called after an error."""
        ...


def score_source(
    source: FrameSource,
    setup: ScoringSetup,
    make_sinks: Callable[[str], Sequence[Sink]],
    advance: Advance,
    stop: Event | None = None,
) -> None:
    """Score the frames of `source` and give them to sinks; `make_sinks` makes those for a scene. Reads `source` once.

    The sinks are closed in their order: a later one may read what an earlier one wrote. Once `stop` is set, the video
    ends. Raises VideoError if it cannot be read, DataError if it shows no scene that the run knows.
    """
    with read_ahead(source.blocks(setup.encoder.frames_a_block(source.size), setup.decode_height)) as ahead:
        blocks = ahead if stop is None else _until(stop, ahead)
        scene, held = _opening(source, blocks, setup)
        sinks = make_sinks(scene)
        detector = None if setup.open_detector is None else setup.open_detector(scene, source.fps)
        encoded = encode_frames(blocks, source.where, setup.encoder, setup.masks.get(scene), detector, held)
        hidden = setup.object_masks.get(scene)
        encoded = (frames._replace(objects=visible(frames.objects, hidden)) for frames in encoded)
        scoring = Scoring(scene, setup.scales[scene], setup.smoothing, setup.latency)
        for frames in score_frames(_counted(encoded, advance), setup.scorer, source.fps, scoring, setup.objects_every):
            for sink in sinks:
                sink.add(frames)
    for fault in () if detector is None else detector.faults:
        note(f"{source.where}: {fault}")
    for sink in sinks:
        sink.close()


def _opening(
    source: FrameSource, blocks: Iterator[FrameBlock], setup: ScoringSetup
) -> tuple[str, list[tuple[FrameBlock, Checked]]]:
    """The scene, given or recognised, and the first blocks, encoded as blocks of that scene are."""
    if setup.recogniser is not None:
        return recognise(hold(blocks, SAMPLE), source.where, setup.encoder, setup.recogniser, setup.masks)
    assert setup.scene is not None
    setup.encoder.reset()
    return setup.scene, []


def _until(stop: Event, blocks: Iterator[FrameBlock]) -> Iterator[FrameBlock]:
    for block in blocks:
        yield block
        if stop.is_set():
            return


def _counted(encoded: Iterator[EncodedFrames], advance: Advance) -> Iterator[EncodedFrames]:
    for frames in encoded:
        yield frames
        advance(len(frames.times))
