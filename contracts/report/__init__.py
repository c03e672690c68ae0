"""Reports: the same outcome for people, for machines, and to attach to a build."""
