"""Kill -9 at random moments: `python tests/soak_kill.py [KILLS]` does it to street, extract, train and evaluate.

Each is killed 20 times, or KILLS. After every kill the same command is started again, and killed again, until it comes
through; then its files have to be those of a command that nobody disturbed, to the byte. The suite does a few of these;
this does many.
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def files_of(folder: Path, but: set[str]) -> dict[str, bytes]:
    """{relative path: bytes} of all files below `folder` except those named in `but`."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).as_posix() not in but
    }


def soak(name: str, command: list[str], target: Path, kills: int, but: set[str]) -> None:
    """Run `command` (which writes `target`) undisturbed, then under `kills` kills; raise SystemExit on a difference."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    whole_seconds = time.perf_counter() - began
    expected = files_of(target, but)
    done = rounds = 0
    while done < kills:
        shutil.rmtree(target)
        rounds += 1
        while True:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                _, error = process.communicate(timeout=random.uniform(0.3, 1.0) * whole_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                done += 1
                continue
            if process.returncode:
                raise SystemExit(f"{name}: after {done} kills: {error.decode()}")
            break
        found = files_of(target, but)
        if found != expected:
            differing = sorted(key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key))
            raise SystemExit(f"{name}: after {done} kills these files differ: {differing}")
    print(f"{name}: {done} kills in {rounds} runs, {len(expected)} files the same to the byte")


def main() -> None:
    """Street, extraction, training, evaluation."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    random.seed(0)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        scenewise = [sys.executable, "-m", "scenewise"]
        data, features, run = root / "data", root / "features", root / "run"

        flags = ["--scenes", "4", "--videos", "2", "--frames", "80", "--size", "128x72"]
        soak("street", [*scenewise, "street", str(data), *flags], data, kills, but=set())

        flags = ["--encoder", "motion-grid", "--no-objects", "--block", "32"]
        extract = [*scenewise, "extract", str(data), "--out", str(features), *flags]
        soak("extract", extract, features, kills, but=set())

        flags = ["--method", "autoencoder", "--steps", "120", "--checkpoint-every", "5"]
        flags += ["--width", "32", "--segments-per-scene", "8"]
        train = [*scenewise, "train", str(features), "--out", str(run), "--device", "cpu", "--resume", *flags]
        # run.json counts the seconds, and SHA256SUMS holds its checksum.
        soak("train", train, run, kills, but={"run.json", "SHA256SUMS"})

        evaluate = [*scenewise, "evaluate", str(run), "--device", "cpu"]
        soak("evaluate", evaluate, run / "evaluation", kills, but=set())
        left = [path.name for place in (root, run) for path in place.glob(".*")]
        if left:
            raise SystemExit(f"left behind: {left}")


if __name__ == "__main__":
    main()
