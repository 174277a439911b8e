"""The pages: one module per errand, each a blueprint."""
