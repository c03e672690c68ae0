"""Failure drills: a world, things that happen to it, faults in time, and what a sound integration does."""
