"""The pure core: values, occupancy algebra, rules and the allocator. Standard library only."""
