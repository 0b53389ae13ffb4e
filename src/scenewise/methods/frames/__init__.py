"""Methods that are fitted in one pass: what they share, whether they look at frames, regions or objects.

settings.py        smoothing and scope
method.py          a model for each scene or one for all, the leave-one-group-out scores of normal footage, the run
leave_out.py       groups of folds, and every frame's score by what the other groups teach
frame_method.py    those that score each frame by its features alone: `learn` a model, `score` by it
scorer.py          the models of a run applied to a video, chunk by chunk
coreset.py         few of many vectors, such that none is far from all of them
region_scorer.py   the same for the places of a grid, each of them a box
object_attributes.py, object_scorer.py   the same for moving objects
mixture.py         a Gaussian mixture as three arrays
normalised.py      features standardised, scaled to length 1, or as they are
"""
