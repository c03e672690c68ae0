"""The doors in process. A package, because its conftest stands beside another one."""
