"""Objects that move through a scene, found without a trained detector: regions, crops, motion, tracks."""
