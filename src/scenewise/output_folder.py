"""The folder that a command writes: locked, free of foreign files, replaced as a whole, resumed after a kill.

Beside a folder NAME, while a command writes it:

.lock-NAME       locks NAME for one process; inside NAME if the folder around it cannot be written
.writing-NAME    the new content; it becomes NAME once it is complete
.old-NAME        the old content, between the two renames that replace it and until it is removed

What a command writes is never a link, and no link under these names is followed: it is refused or removed. Links among
the folders above it are followed, as in every path.
"""

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scenewise.checksums import CHECKSUMS, read_json, record_checksums, recorded_checksums, seal
from scenewise.errors import ConfigError, IntegrityError
from scenewise.files import WRITING, gone_error, hidden_name, is_opened_as, remove, sync_folder, write_json
from scenewise.formats.json_text import Form
from scenewise.lock import allow_open_files, lock


class _Settings(Form):
    settings: dict[str, Any]


class OutputFolder:
    """The folder `path` that a command writes; `holds` says in messages what it holds, such as "a run".

    A command first takes the `lock`, then calls `recover` and `refuse_foreign`, and then writes: into `path` itself,
    file by file, or into the temporary folder that `replace` gives.
    """

    def __init__(self, path: Path, holds: str) -> None:
        self.path, self.holds = path, holds
        # "." and ".." have no name to make a temporary name of.
        named = path.name not in ("", "..")
        self._place = Path(os.path.realpath(path.parent), path.name) if named else Path(os.path.realpath(path))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for this process, see `lock`; `path` may be a file too, such as a page.

        Raises ConfigError if another process holds it, or if it is a link.
        """
        self.refuse_link()
        with lock(self._place, f"{self.path}: another command is writing {self.holds} there"):
            yield

    def refuse_link(self, *below: Path) -> None:
        """Raise ConfigError if `path` is a link, or if a folder on the way from it down to one of `below` is one."""
        ways = (place for path in below for place in (path, *path.parents) if self.path in place.parents)
        for place in (self.path, *ways):
            if place.is_symlink():
                raise ConfigError(
                    f"{place}: expected a place for {self.holds}, found a link to {place.readlink()}; name that place "
                    "itself, or choose another path"
                )

    def refuse_foreign(self, ours: Callable[[str], bool] | None = None) -> None:
        """Raise ConfigError if `path` is a file or a link, or if it holds a file that no command of ours wrote.

        Ours are the files that its SHA256SUMS lists, and those whose relative name, with "/", `ours` accepts. Hidden
        files may lie there and stay there. Nothing is changed.
        """
        try:
            self.refuse_file_and_link()
            foreign = sorted({*_names(self.path, hidden=False)} - _listed(self.path))
        except OSError as error:
            raise ConfigError(f"{self.path}: cannot be written ({error.strerror}); choose another path") from error
        foreign = [name for name in foreign if ours is None or not ours(name)]
        if foreign:
            more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
            raise ConfigError(
                f"{self.path}: expected a new folder, or one that holds {self.holds}, found {', '.join(foreign[:3])}"
                f"{more} in it; choose another path, or move what is there"
            )

    def refuse_file_and_link(self) -> None:
        """Raise ConfigError if `path` is a file or a link."""
        self.refuse_link()
        if self.path.exists() and not self.path.is_dir():
            raise ConfigError(f"{self.path}: expected a folder for {self.holds}, found a file; choose another path")

    def refuse_all(self) -> None:
        """Raise ConfigError if `path` is a file or a link, or a folder that holds any file that is not hidden."""
        self.refuse_file_and_link()
        found = sorted(_names(self.path, hidden=False))
        if found:
            raise ConfigError(
                f"{self.path}: expected a new or an empty folder for {self.holds}, found {', '.join(found[:3])} in it; "
                "choose another path"
            )

    @property
    def unfinished(self) -> Path:
        """The temporary folder beside `path`: what a stopped command left, if it is there."""
        return self._beside(WRITING)

    @contextmanager
    def replace(self, *, resume: bool = False, unrecorded: Collection[str] = ()) -> Iterator[Path]:
        """Give a temporary folder to write; on leaving without an error it takes the place of `path` as a whole.

        The temporary folder is empty; with `resume` it holds what a stopped command left. On success SHA256SUMS lists
        the files in it, see `seal`, and all is synced. After an error `path` is as it was before, and the temporary
        folder is removed, or kept with `resume`. The user's hidden files move into the new folder.
        Raises ConfigError, before anything is written, if `path` cannot be replaced: a file, a link, a mounted disk.
        Raises IntegrityError if somebody removes, renames or replaces the temporary folder, or what is in it.
        """
        self.refuse_file_and_link()
        if os.path.ismount(self._place):
            raise ConfigError(
                f"{self.path}: expected a folder that can be renamed, found a mounted disk; choose one in it"
            )
        self.recover()
        fresh = self.unfinished
        fresh.parent.mkdir(parents=True, exist_ok=True)
        if not resume or fresh.is_symlink() or not fresh.is_dir():
            remove(fresh)
            fresh.mkdir()  # fails if anything lies there by now, and follows no link
        for path in [path for path in fresh.rglob("*") if path.is_symlink()]:
            path.unlink()  # none of ours: resuming would write through it
        descriptor = os.open(fresh, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            yield fresh
            self._require_opened_as(fresh, descriptor)
            seal(fresh, unrecorded)
            self._require_opened_as(fresh, descriptor)
            self._put_in_place(fresh)
            self._require_opened_as(self._place, descriptor)
        except BaseException as error:
            if not resume:
                remove(fresh)
            if isinstance(error, FileNotFoundError) and Path(error.filename or "").is_relative_to(fresh):
                raise gone_error(self.path) from error
            raise
        finally:
            os.close(descriptor)

    def _require_opened_as(self, folder: Path, descriptor: int) -> None:
        if not is_opened_as(folder, descriptor):
            raise gone_error(self.path)

    def recover(self) -> None:
        """After a kill during `replace`: bring the old folder back, or remove it if the new one is in its place."""
        old = self._old
        if old.is_symlink():
            old.unlink()  # no folder of ours
        elif old.exists() and not self._place.exists():
            old.rename(self._place)
            sync_folder(self._place.parent)
        elif old.exists():
            self._remove_old()

    def record_settings(
        self, settings: Mapping[str, Any], additions: Mapping[str, tuple[Any, Any]] = MappingProxyType({})
    ) -> None:
        """Record that the folder belongs to `settings`, {name of the flag: value}, in a JSON file named after `holds`.

        A folder of "a demo" gets demo.json. `additions` {name of the flag: (earlier, now)} are changes that only add
        to what is there. Raises ConfigError, naming the flags, if the folder belongs to other settings.
        """
        self.refuse_file_and_link()
        kind = self.holds.split()[-1]
        path = self.path / f"{kind}.json"
        now: dict[str, Any] = json.loads(json.dumps(dict(settings)))  # as the file holds them: tuples are lists
        if path.exists():
            earlier = read_json(path, _Settings, format_version=1)["settings"]
            changed = {name: (earlier.get(name), now[name]) for name in now if earlier.get(name) != now[name]}
            differing = [name for name, change in changed.items() if additions.get(name) != change]
            if differing:
                flags = ", ".join(
                    f"--{name.replace('_', '-')} {earlier.get(name)}, now {now[name]}" for name in differing
                )
                raise ConfigError(
                    f"{self.path}: holds {self.holds} with other settings ({flags}); give another --out, or delete it"
                )
        write_json(path, {"format": 1, "settings": now})
        record_checksums(self.path, [path.name])

    @property
    def _old(self) -> Path:
        return self._beside(".old-")

    def _beside(self, prefix: str) -> Path:
        return self._place.with_name(hidden_name(prefix, self._place.name))

    def _put_in_place(self, fresh: Path) -> None:
        # A folder cannot be renamed over another, so the old one is renamed first.
        try:
            if self._place.exists():
                self._place.rename(self._old)
            fresh.rename(self._place)
        except BaseException:
            self.recover()
            raise
        sync_folder(self._place.parent)
        self._remove_old()

    def _remove_old(self) -> None:
        """Remove the old folder; the user's hidden files move into the new one first."""
        old = self._old
        if not old.exists():
            return
        for name in {*_names(old, hidden=True)} - _listed(old):
            target = self._place / name
            if not os.path.lexists(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                (old / name).rename(target)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def lock_all(folders: Sequence[OutputFolder]) -> Iterator[None]:
    """Hold all `folders` for this process. Raises ConfigError, and holds none, if another process holds one of them."""
    allow_open_files(len(folders))
    with ExitStack() as held:
        for folder in folders:
            held.enter_context(folder.lock())
        yield


def _names(folder: Path, *, hidden: bool) -> Iterator[str]:
    """Relative names, with "/", of the files and links below `folder` that are neither hidden nor in a hidden folder.

    With `hidden`, the names of the hidden files and folders instead, except what a kill left unfinished.
    """
    for path in folder.iterdir() if folder.exists() else ():
        if path.name.startswith("."):
            if hidden and not path.name.startswith(WRITING):
                yield path.name
        elif path.is_dir() and not path.is_symlink():
            yield from (f"{path.name}/{name}" for name in _names(path, hidden=hidden))
        elif not hidden:
            yield path.name


def _listed(folder: Path) -> set[str]:
    """CHECKSUMS and the names that this file of `folder` lists; a damaged one lists none."""
    try:
        return {CHECKSUMS, *recorded_checksums(folder)}
    except IntegrityError:
        return {CHECKSUMS}
