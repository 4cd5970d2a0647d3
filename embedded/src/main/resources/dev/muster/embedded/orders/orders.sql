-- A few customers order most: the cube of an even number between 0 and 1 crowds towards the first of them.
INSERT INTO orders (id, customer_id, placed_at, status, total_cents, ship_to, note)
SELECT id,
       1 + floor(${customers} * power((h & 1048575) / 1048576.0::float8, 3))::bigint,
       timestamptz '2025-01-01 00:00:00+00' + id * (interval '600 days' / ${orders}),
       (ARRAY['delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'shipped', 'paid', 'cancelled'])
           [1 + (h >> 20 & 7)],
       (450 * exp(5 * power((h >> 23 & 1048575) / 1048576.0::float8, 2)))::bigint,
       1 + (h >> 43 & 127) || ' '
           || (ARRAY['Oak Street', 'Mill Lane', 'Station Road', 'Harbour Quay', 'Church Hill', 'Market Square',
                     'Park Avenue', 'River Walk'])[1 + (h >> 50 & 7)]
           || ', '
           || (ARRAY['Hamburg', 'Lyon', 'Utrecht', 'Boston', 'Leeds', 'Sevilla', 'Torino', 'Gdansk'])
               [1 + (h >> 53 & 7)],
       CASE WHEN (h >> 56 & 7) = 0
            THEN 'Please leave the parcel with the neighbour at number ' || (h >> 43 & 127) END
FROM (SELECT id, hashint8extended(id, ${seed} + 1) AS h FROM generate_series(1, ${orders}) AS id) AS hashed;
ALTER TABLE orders ADD PRIMARY KEY (id);
CREATE INDEX orders_customer ON orders (customer_id);
SELECT setval(pg_get_serial_sequence('orders', 'id'), ${orders});
