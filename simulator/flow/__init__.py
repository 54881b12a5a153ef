"""What happens to loads, day by day: orders, tenders, docks, roads, trouble."""
