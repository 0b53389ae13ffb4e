"""Methods that are fitted in one pass: what they share, whether they look at frames, regions or objects.

method.py          a model for each scene or one for all, the leave-one-group-out scores of normal footage, the run
leave_out.py       groups of folds, and every frame's score by what the other groups teach
frame_method.py    those that score each frame by its features alone: `learn` a model, `score` by it
scorer.py          the models of a run applied to a video, chunk by chunk
normalised.py      features standardised, scaled to length 1, or as they are
"""
