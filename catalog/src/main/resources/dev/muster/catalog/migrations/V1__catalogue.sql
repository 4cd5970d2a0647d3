-- Primary data: nothing else has it.

create table record.document (
    hash    char(64)    primary key,
    kind    text        not null,
    content text        not null,
    stored  timestamptz not null default now()
);

create table record.system (
    name       text        primary key,
    version    char(64)    not null references record.document,
    changed_by text        not null,
    changed_at timestamptz not null
);

create table record.system_change (
    id         bigint      generated always as identity primary key,
    name       text        not null,
    version    char(64)    not null references record.document,
    changed_by text        not null,
    changed_at timestamptz not null
);

create table record.run (
    run_id           char(26)    primary key,
    workflow_id      text        not null,
    system           text        not null,
    scenario         text        not null,
    requester        text        not null,
    dry_run          boolean     not null,
    runbook_hash     char(64),
    plan_hash        char(64),
    state            text        not null,
    verdict          text,
    summary          text,
    waiting_for_role text,
    started          timestamptz not null,
    ended            timestamptz,
    revision         bigint      not null,
    report           text,
    schedule         text
);

-- One for each filter, in the order of the list, so that a page is read from an index whatever the filter.
create index run_by_start     on record.run (started desc, run_id desc);
create index run_by_system    on record.run (system, started desc, run_id desc);
create index run_by_scenario  on record.run (scenario, started desc, run_id desc);
create index run_by_state     on record.run (state, started desc, run_id desc);
create index run_by_verdict   on record.run (verdict, started desc, run_id desc);
create index run_by_requester on record.run (requester, started desc, run_id desc);
create index run_by_schedule  on record.run (schedule, started desc, run_id desc) where schedule is not null;

create table record.run_step (
    run_id   char(26)    not null references record.run on delete cascade,
    position integer     not null,
    step_id  text        not null,
    title    text        not null,
    place    text        not null,
    state    text        not null,
    started  timestamptz not null,
    ended    timestamptz,
    detail   text        not null,
    primary key (run_id, position)
);

create table record.approval (
    run_id   char(26)    not null references record.run on delete cascade,
    position integer     not null,
    accepted boolean     not null,
    code     text        not null,
    approver text        not null,
    message  text        not null,
    at       timestamptz not null,
    primary key (run_id, position)
);

create table record.refusal (
    id      bigint      generated always as identity primary key,
    at      timestamptz not null,
    who     text        not null,
    action  text        not null,
    target  text        not null,
    code    text        not null,
    message text        not null
);

create table record.api_token (
    id      text        primary key,
    hash    char(64)    not null,
    subject text        not null,
    roles   text[]      not null,
    created timestamptz not null default now(),
    expires timestamptz,
    revoked timestamptz
);

create table record.run_start (
    subject   text        not null,
    key       text        not null,
    body_hash text        not null,
    run_id    char(26)    not null unique,
    claimed   timestamptz not null default now(),
    confirmed timestamptz,
    primary key (subject, key)
);

create table record.schedule_execution (
    schedule text        not null,
    due      timestamptz not null,
    at       timestamptz not null,
    outcome  text        not null,
    run_id   text,
    detail   text        not null,
    primary key (schedule, due)
);

create table record.epoch (
    system  text        not null,
    epoch   bigint      not null,
    run_id  char(26)    not null,
    claimed timestamptz not null default now(),
    primary key (system, epoch),
    unique (system, run_id)
);

-- Rebuildable from the stores.

create table index.source (
    system       text        not null,
    database     text        not null,
    observed_at  timestamptz not null,
    wal_end_time timestamptz,
    primary key (system, database)
);

create table index.backup (
    system         text        not null,
    database       text        not null,
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
    primary key (system, database, id)
);

create table index.wal_range (
    system   text    not null,
    database text    not null,
    timeline integer not null,
    from_lsn pg_lsn  not null,
    to_lsn   pg_lsn  not null,
    primary key (system, database, timeline, from_lsn)
);

create table index.timeline_switch (
    system   text    not null,
    database text    not null,
    timeline integer not null,
    parent   integer not null,
    at_lsn   pg_lsn  not null,
    primary key (system, database, timeline)
);
