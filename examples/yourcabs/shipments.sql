-- One booking is one shipment: a trip asked for. The end of the trip (to_date) is left out, see README.
WITH bookings AS (
    SELECT *,
        strptime(booking_created, '%m/%d/%y %H:%M') AS created,
        strptime(from_date, '%m/%d/%y %H:%M') AS pickup,
        radians(to_lat - from_lat) AS d_lat, radians(to_long - from_long) AS d_lon
    FROM read_csv('taxi_cancellations_first70.csv', parallel = false)
)
SELECT
    CAST("row#" AS VARCHAR) AS shipment_id,
    created AS known_at,
    pickup AS planned_pickup_at,
    'road' AS mode,
    CAST(user_id AS VARCHAR) AS customer_id,
    CAST(vehicle_model_id AS VARCHAR) AS equipment,
    CAST(CAST(from_area_id AS BIGINT) AS VARCHAR) AS origin_id,
    CAST(CAST(to_area_id AS BIGINT) AS VARCHAR) AS destination_id,
    -- great-circle distance, radius 6371 km
    2 * 6371 * asin(sqrt(sin(d_lat / 2) ** 2 + cos(radians(from_lat)) * cos(radians(to_lat)) * sin(d_lon / 2) ** 2))
        AS distance_km,
    CASE travel_type_id WHEN 1 THEN 'long distance' WHEN 2 THEN 'point to point' ELSE 'hourly rental' END
        AS x_travel_type,
    CAST(CAST(package_id AS BIGINT) AS VARCHAR) AS x_package,
    CAST(CAST(from_city_id AS BIGINT) AS VARCHAR) AS x_from_city,
    CAST(CAST(to_city_id AS BIGINT) AS VARCHAR) AS x_to_city,
    online_booking AS x_online_booking,
    mobile_site_booking AS x_mobile_site_booking,
    from_lat AS x_from_lat, from_long AS x_from_lon, to_lat AS x_to_lat, to_long AS x_to_lon
FROM bookings
