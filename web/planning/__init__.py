"""What the planner's pages say of scenarios and of results."""
