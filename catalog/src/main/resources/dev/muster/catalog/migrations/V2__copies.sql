-- Which store holds which backup: rebuildable from the stores. Shown with what was proved of each.

create table index.repository (
    system      text        not null,
    database    text        not null,
    repository  text        not null,
    store       text        not null,
    observed_at timestamptz not null,
    primary key (system, database, repository)
);

create table index.backup_copy (
    system         text        not null,
    database       text        not null,
    repository     text        not null,
    id             char(26)    not null,
    kind           text        not null,
    cluster_id     text        not null,
    server_version integer     not null,
    timeline       integer     not null,
    start_lsn      pg_lsn      not null,
    stop_lsn       pg_lsn      not null,
    start_time     timestamptz not null,
    stop_time      timestamptz not null,
    bytes          bigint      not null,
    committed      timestamptz not null,
    seen_at        timestamptz not null,
    primary key (system, database, repository, id)
);

create table index.keep_mark (
    system     text     not null,
    database   text     not null,
    repository text     not null,
    id         char(26) not null,
    mark       text     not null,
    kept_by    text     not null,
    why        text     not null,
    made       timestamptz,
    until      timestamptz,
    primary key (system, database, repository, id, mark),
    foreign key (system, database, repository, id) references index.backup_copy on delete cascade
);

-- What was proved of a backup in a store, the newest at each level. Of this the levels listing and content come back from
-- the stores; that a restore succeeded is told nowhere else.

create table record.backup_proof (
    system     text        not null,
    database   text        not null,
    repository text        not null,
    id         char(26)    not null,
    level      text        not null,
    looked_at  timestamptz not null,
    sound      boolean     not null,
    sound_at   timestamptz,
    problems   bigint      not null,
    code       text,
    object     text,
    run_id     text,
    primary key (system, database, repository, id, level)
);
