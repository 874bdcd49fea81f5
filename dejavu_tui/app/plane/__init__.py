"""Images as points on the plane of both confidences."""
