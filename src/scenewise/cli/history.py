"""`scenewise accept`, `history` and `undo`: what a run takes for normal, changed without training, and changed back."""

from pathlib import Path

from scenewise.cli.app import ConfigFile, Json, app, command_line, give


@app.command
def accept(
    scored: Path,
    event: str,
    /,
    *,
    run: Path | None = None,
    by: str | None = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """This is fine: make an event normal for its scene from now on, without training again.

    Parameters
    ----------
    scored
        Folder of one scored video, as `score` wrote it: OUT/VIDEO or OUT/CAMERA/VIDEO.
    event
        Its number, as the page shows it, or its time, such as 0:24.
    run
        The run, if it has moved since the video was scored.
    by
        Who accepts, for the history; by default the name of the user.
    """
    from scenewise.inference.accept_event import accept_event

    accepted = accept_event(scored, event, run, by=by, commands=[command_line()])
    give(accepted.as_json(), accepted.in_lines(), json)


@app.command
def history(run: Path, /, *, json: Json = False) -> None:
    """List the states of a run: what was done, when, by whom, and from which footage.

    Parameters
    ----------
    run
        Folder that `train` wrote.
    """
    from scenewise.runs.history import in_lines, read_history

    found = read_history(run)
    give({"run": str(run), **found.as_json()}, in_lines(found), json)


@app.command
def undo(run: Path, /, *, to: int | None = None, json: Json = False) -> None:
    """Bring an earlier state of a run back, by default the one before; a state that was undone can come back too.

    Parameters
    ----------
    run
        Folder that `train` wrote.
    to
        Number of the state, as `history` lists it.
    """
    from scenewise.runs.history import in_lines, undo

    found = undo(run, to)
    lines = [f"{run} is in state {found.current} again", *in_lines(found)]
    give({"run": str(run), **found.as_json()}, lines, json)
