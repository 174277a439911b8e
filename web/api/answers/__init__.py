"""What the API answers: the models of its documents."""
