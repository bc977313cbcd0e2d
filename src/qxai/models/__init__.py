"""Models that can be explained."""
