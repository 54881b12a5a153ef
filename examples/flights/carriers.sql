SELECT carrier AS carrier_id, 'asset' AS kind, name AS x_name
FROM read_csv('airlines.csv', nullstr = 'NA')
