"""Mutation testing of the rules and of the webhooks' way out: see docs/mutation-testing.md."""
