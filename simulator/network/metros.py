"""Where freight starts and ends: metropolitan areas with their true coordinates, and the regions carriers speak of."""

from dataclasses import dataclass

import numpy as np

from simulator.network.noise import Floats, Ints

REGIONS = ("northeast", "southeast", "midwest", "plains", "texas", "mountain", "california", "northwest")


@dataclass(frozen=True)
class Metro:
    """One area: position in degrees, index into the clock's zones and into the regions, share of demand, customs."""

    name: str
    lat: float
    lon: float
    zone: int
    region: int
    demand: float
    border: bool = False


METROS = (
    Metro("Chicago", 41.88, -87.63, 1, 2, 7.0),
    Metro("Dallas", 32.78, -96.80, 1, 4, 6.0),
    Metro("Atlanta", 33.75, -84.39, 0, 1, 6.0),
    Metro("Los Angeles", 34.05, -118.24, 3, 6, 8.0),
    Metro("Harrisburg", 40.27, -76.88, 0, 0, 3.5),
    Metro("Memphis", 35.15, -90.05, 1, 1, 3.5),
    Metro("Columbus", 39.96, -83.00, 0, 2, 3.5),
    Metro("Denver", 39.74, -104.99, 2, 5, 3.0),
    Metro("Seattle", 47.61, -122.33, 3, 7, 3.0),
    Metro("Kansas City", 39.10, -94.58, 1, 3, 3.0),
    Metro("Newark", 40.74, -74.17, 0, 0, 6.5),
    Metro("Houston", 29.76, -95.37, 1, 4, 5.0),
    Metro("Indianapolis", 39.77, -86.16, 0, 2, 3.0),
    Metro("Stockton", 37.96, -121.29, 3, 6, 3.5),
    Metro("Jacksonville", 30.33, -81.66, 0, 1, 2.5),
    Metro("Minneapolis", 44.98, -93.27, 1, 3, 3.0),
    Metro("Salt Lake City", 40.76, -111.89, 2, 5, 2.0),
    Metro("Charlotte", 35.23, -80.84, 0, 1, 3.0),
    Metro("Phoenix", 33.45, -112.07, 2, 5, 3.0),
    Metro("St. Louis", 38.63, -90.20, 1, 2, 2.5),
    Metro("Boston", 42.36, -71.06, 0, 0, 3.5),
    Metro("Miami", 25.76, -80.19, 0, 1, 3.5),
    Metro("Detroit", 42.33, -83.05, 0, 2, 3.0, True),
    Metro("Laredo", 27.51, -99.51, 1, 4, 2.0, True),
    Metro("Nashville", 36.16, -86.78, 1, 1, 2.0),
    Metro("Omaha", 41.26, -95.93, 1, 3, 1.5),
    Metro("Portland", 45.52, -122.68, 3, 7, 2.0),
    Metro("Boise", 43.62, -116.20, 2, 7, 1.0),
    Metro("El Paso", 31.76, -106.49, 2, 4, 1.5, True),
    Metro("Buffalo", 42.89, -78.88, 0, 0, 1.5, True),
    Metro("Pittsburgh", 40.44, -79.99, 0, 0, 2.0),
    Metro("Fargo", 46.88, -96.79, 1, 3, 0.7),
    Metro("Albuquerque", 35.08, -106.65, 2, 5, 0.9),
    Metro("New Orleans", 29.95, -90.07, 1, 1, 1.5),
    Metro("San Diego", 32.72, -117.16, 3, 6, 2.0, True),
    Metro("Cleveland", 41.50, -81.69, 0, 2, 2.2),
)
"""The first ones are where distribution centres stand, in this order."""

EARTH_RADIUS_KM = 6371.0088
ROAD_FACTOR = 1.2
"""Road kilometres per kilometre of great circle."""

LAT = np.array([metro.lat for metro in METROS])
LON = np.array([metro.lon for metro in METROS])
ZONE = np.array([metro.zone for metro in METROS])
REGION = np.array([metro.region for metro in METROS])
DEMAND = np.array([metro.demand for metro in METROS])
BORDER = np.array([metro.border for metro in METROS])


def road_km(origin: Ints, destination: Ints) -> Floats:
    """Road distance between metros, at least 40 km (haversine times :data:`ROAD_FACTOR`)."""
    phi, psi = np.radians(LAT[origin]), np.radians(LAT[destination])
    half = np.sin((psi - phi) / 2) ** 2
    half = half + np.cos(phi) * np.cos(psi) * np.sin(np.radians(LON[destination] - LON[origin]) / 2) ** 2
    return np.maximum(40.0, ROAD_FACTOR * 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)))
