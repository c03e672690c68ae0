"""End-to-end tests: the installed command in a process of its own, spoken to over sockets."""
