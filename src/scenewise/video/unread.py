"""What a video file holds that is not read: other streams, and recordings joined to it."""

from functools import partial
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from scenewise.video.joined_recordings import unread_recordings
from scenewise.video.probe import open_container
from scenewise.video.video_streams import other_streams


def unread_parts(path: Path, container: InputContainer, stream: VideoStream) -> tuple[str, ...]:
    """What to say of the parts of the file `path` that are not read if `stream` is; nothing if there are none."""
    unread_streams = other_streams(container, stream, partial(open_container, path))
    return (*unread_streams, *unread_recordings(path, container.format.name))
