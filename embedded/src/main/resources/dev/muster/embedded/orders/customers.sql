INSERT INTO customers (id, email, name, country, created_at)
SELECT id,
       lower(first || '.' || last) || id || '@example.' || (ARRAY['com', 'org', 'net', 'eu'])[1 + (h & 3)],
       first || ' ' || last,
       (ARRAY['DE', 'FR', 'NL', 'US', 'GB', 'ES', 'IT', 'PL'])[1 + (h >> 8 & 7)],
       timestamptz '2024-01-01 00:00:00+00' + id * (interval '360 days' / ${customers})
FROM (SELECT id, h,
             (ARRAY['Anna', 'Ben', 'Clara', 'David', 'Elena', 'Farid', 'Grace', 'Hugo', 'Ines', 'Jonas', 'Kira', 'Liam',
                    'Mona', 'Noor', 'Oscar', 'Paula'])[1 + (h >> 16 & 15)] AS first,
             (ARRAY['Adler', 'Bauer', 'Costa', 'Dubois', 'Evans', 'Fischer', 'Garcia', 'Hansen', 'Ivanov', 'Jansen',
                    'Kowalski', 'Lopez', 'Meyer', 'Novak', 'Olsen', 'Peeters'])[1 + (h >> 24 & 15)] AS last
      FROM (SELECT id, hashint8extended(id, ${seed}) AS h FROM generate_series(1, ${customers}) AS id) AS hashed
     ) AS named;
ALTER TABLE customers ADD PRIMARY KEY (id);
SELECT setval(pg_get_serial_sequence('customers', 'id'), ${customers});
