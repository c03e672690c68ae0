"""FlowIQ's doors and webhooks."""
