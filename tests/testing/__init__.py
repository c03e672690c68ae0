"""The test author's tool, tried as its users use it."""
