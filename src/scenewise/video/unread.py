"""What a video file holds that is not read: other streams, and recordings joined to it."""

from functools import partial
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from scenewise.video.joined_recordings import unread_recordings
from scenewise.video.probe import open_container
from scenewise.video.ts_pictures import pictures_by_pid
from scenewise.video.video_streams import other_streams


def unread_parts(path: Path, container: InputContainer, stream: VideoStream) -> tuple[str, ...]:
    """What to say of the parts of the file `path` that are not read if `stream` is; nothing if there are none."""
    unread_streams = other_streams(container, stream, partial(open_container, path))
    if container.format.name == "mpegts":
        unread_streams += _unknown_streams(path, container)
    return (*unread_streams, *unread_recordings(path, container.format.name))


def _unknown_streams(path: Path, container: InputContainer) -> tuple[str, ...]:
    """What to say of video that FFmpeg did not find when it opened the transport stream `path`."""
    known = {stream.id for stream in container.streams}
    unread = [pictures for pid, pictures in pictures_by_pid(path).items() if pid not in known and pictures > 1]
    return (f"it goes on in another stream; the {sum(unread)} frames there are not read: cut it",) if unread else ()
