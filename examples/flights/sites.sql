-- The airports that occur, and the four that the airports file lacks.
WITH known AS (
    SELECT faa, name, lat, lon, alt, tzone FROM read_csv('airports.csv', nullstr = 'NA')
    UNION ALL
    SELECT * FROM (VALUES
        ('BQN', 'Rafael Hernandez', 18.4949, -67.1294, 237, 'America/Puerto_Rico'),
        ('PSE', 'Mercedita', 18.0083, -66.5630, 29, 'America/Puerto_Rico'),
        ('SJU', 'Luis Munoz Marin Intl', 18.4394, -66.0018, 9, 'America/Puerto_Rico'),
        ('STT', 'Cyril E King', 18.3373, -64.9734, 23, 'America/St_Thomas'))
)
SELECT faa AS site_id, 'airport' AS kind, lat, lon, tzone AS timezone, replace(name, '\', '') AS x_name,
    alt AS x_altitude_ft
FROM known
WHERE faa IN (SELECT origin FROM flights UNION SELECT dest FROM flights)
