"""A freight network with known truth: makes history, and answers what an action would have done."""
