"""The commands of `flowella-contract`, one file each."""
