-- One or two lines an order.
INSERT INTO order_items (order_id, line, article, quantity, price_cents)
SELECT order_id, line, 'A' || (h >> 4 & 8191), 1 + (h >> 17 & 3), 100 + (h >> 20 & 16383)
FROM (SELECT order_id, line, hashint8extended(order_id * 4 + line, ${seed} + 2) AS h
      FROM generate_series(1, ${orders}) AS order_id,
           LATERAL generate_series(1, 1 + (hashint8(order_id) & 1)) AS line
     ) AS hashed;
ALTER TABLE order_items ADD PRIMARY KEY (order_id, line);
