-- A canary row a second, each committed by itself: the newest one on a copy is the recovery point, measured.
insert into muster.canary as c (slot, id, written_at)
select (newest.id + 1) % 100, newest.id + 1, clock_timestamp()
from (select coalesce(max(id), 0) as id from muster.canary) newest
on conflict (slot) do update set id = excluded.id, written_at = excluded.written_at \watch 1
