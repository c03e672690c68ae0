"""Is what a deployment sends right? The harness' own receiver, what makes the other side send, and the laws of it."""
