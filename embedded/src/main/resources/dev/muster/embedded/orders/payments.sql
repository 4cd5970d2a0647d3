-- The same amount as its order has; one order in sixteen is not paid. The reference is random text, as a provider's is.
INSERT INTO payments (order_id, amount_cents, currency, method, paid_at, reference)
SELECT order_id,
       (450 * exp(5 * power((o >> 23 & 1048575) / 1048576.0::float8, 2)))::bigint,
       'EUR',
       (ARRAY['card', 'card', 'card', 'card', 'transfer', 'transfer', 'wallet', 'invoice'])[1 + (p & 7)],
       timestamptz '2025-01-01 00:00:00+00' + order_id * (interval '600 days' / ${orders})
           + (p >> 3 & 1048575) * interval '1 ms',
       'pi_' || left(md5(order_id || '-${seed}'), 20)
FROM (SELECT order_id, hashint8extended(order_id, ${seed} + 1) AS o, hashint8extended(order_id, ${seed} + 3) AS p
      FROM generate_series(1, ${orders}) AS order_id) AS hashed
WHERE (p >> 24 & 15) <> 0;
ALTER TABLE payments ADD PRIMARY KEY (id);
CREATE INDEX payments_order ON payments (order_id);
CREATE INDEX payments_paid_at ON payments (paid_at);
