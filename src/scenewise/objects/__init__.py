"""What moves through a scene, found without a detector: objects, how they look, how they move."""
