"""One plain function a stage, from images to scores."""
