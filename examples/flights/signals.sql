-- Hourly weather as observed (no forecasts). The hour of a report is cut off, and its rain is summed until minute
-- 51, so it counts as known when the hour is over. Names carry the source's units.
WITH weather AS (
    SELECT origin, time_hour,
        temp AS temp_f, dewp AS dewp_f, humid AS humid_pct, CAST(wind_dir AS DOUBLE) AS wind_dir_deg,
        wind_speed AS wind_speed_mph, wind_gust AS wind_gust_mph, precip AS precip_in,
        pressure AS pressure_mbar, visib AS visib_mi
    FROM read_csv('weather.csv', nullstr = 'NA')
)
SELECT origin AS place_id, name, value, time_hour AS observed_at, time_hour + INTERVAL 1 HOUR AS known_at
FROM weather
UNPIVOT (value FOR name IN (temp_f, dewp_f, humid_pct, wind_dir_deg, wind_speed_mph, wind_gust_mph, precip_in,
    pressure_mbar, visib_mi))
