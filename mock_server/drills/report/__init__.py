"""Reports of drills: for people, for machines, to attach to a build."""
