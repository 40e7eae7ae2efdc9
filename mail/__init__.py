"""One message: build it, send it, tell a passing fault from a final one."""
