"""Two deployments, the same calls, every difference.

The session is that of `check`: the laws act, and the left one leads. Every call that goes to the left one goes to the right
one too, with the right one's ids in it (`twin`, `pairs`). Two answers are laid side by side (`answers`, `bodies`), and what
differs is sorted by its cause (`groups`): what follows from an earlier difference is told below that one.
"""
