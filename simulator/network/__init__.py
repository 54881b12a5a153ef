"""What a world consists of: places, lanes, carriers, guides, market, weather, and its chance."""
