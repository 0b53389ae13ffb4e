"""Score new footage, without labels: python examples/score_a_video.py [FOLDER]

Trains on a small rendered street. Then it scores one of the street's videos as if it were new, and prints its events.
"""

import sys
import tempfile
from pathlib import Path

import scenewise

folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="scenewise-"))

street = scenewise.StreetConfig(scenes=4, videos=2, frames=40, size="128x72", seed=4)
scenewise.render_street(folder / "street", street, workers=1)
scenewise.extract(folder / "street", folder / "features", scenewise.ExtractConfig(encoder="motion-grid", split="train"))
run = scenewise.train(folder / "features", folder / "run")  # the default method, `fusion`

video = folder / "street" / "test" / "walkway_b" / "000.mp4"
scored = scenewise.score_videos(run.folder, [video], folder / "scored", scenewise.ScoreConfig(threshold=1.5))

for result in scored.videos:
    print(f"{result['scene']}: highest {result['highest']:.1f} at {result['highest_time']:.1f} s")
    for event in result["events"]:
        print(f"  {event['start']:.1f} to {event['end']:.1f} s, peak {event['peak_score']:.1f}")
    print(f"table, curve and pictures: {result['folder']}")
for failed in scored.failed:
    print(f"not scored: {failed['reason']}")
