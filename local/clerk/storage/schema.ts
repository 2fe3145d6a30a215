/**
 * The double's tables. `document` is the truth. Other columns are generated from it for indexes, so they
 * never disagree with it. `identifiers` holds the values that must be unique among users. A row of
 * `messages` is a message for one endpoint; `missed` means that the endpoint was disabled when it came.
 * The `sequence` of `attempts` is the order in which they ended.
 */
export const schema = `
  create table if not exists users (
    id text primary key,
    document text not null,
    created_at integer generated always as (document ->> 'created_at') virtual,
    updated_at integer generated always as (document ->> 'updated_at') virtual,
    username text generated always as (document ->> 'username') virtual,
    last_sign_in_at integer generated always as (document ->> 'last_sign_in_at') virtual
  ) without rowid;
  create index if not exists users_created_at on users (created_at, id);
  create index if not exists users_updated_at on users (updated_at, id);

  create table if not exists dictated_users (
    id text primary key,
    json text not null
  ) without rowid;

  create table if not exists identifiers (
    kind text not null,
    value text not null,
    holder_id text not null,
    primary key (kind, value)
  ) without rowid;
  create index if not exists identifiers_holder_id on identifiers (holder_id);

  create table if not exists organizations (
    id text primary key,
    document text not null,
    name text generated always as (document ->> 'name') virtual,
    slug text generated always as (document ->> 'slug') virtual,
    created_at integer generated always as (document ->> 'created_at') virtual
  ) without rowid;
  create unique index if not exists organizations_slug on organizations (slug);
  create index if not exists organizations_created_at on organizations (created_at, id);

  create table if not exists memberships (
    id text primary key,
    organization_id text not null references organizations (id) on delete cascade,
    user_id text not null references users (id) on delete cascade,
    document text not null,
    created_at integer generated always as (document ->> 'created_at') virtual
  ) without rowid;
  create unique index if not exists memberships_members on memberships (organization_id, user_id);
  create index if not exists memberships_user_id on memberships (user_id, created_at, id);
  create index if not exists memberships_created_at on memberships (created_at, id);

  create table if not exists sessions (
    id text primary key,
    document text not null,
    user_id text generated always as (document ->> 'user_id') virtual,
    status text generated always as (document ->> 'status') virtual
  ) without rowid;
  create index if not exists sessions_user_id on sessions (user_id);
  create index if not exists sessions_client_id on sessions (document ->> 'client_id');

  create table if not exists clients (
    token text primary key,
    document text not null
  ) without rowid;

  create table if not exists svix_apps (
    id text primary key
  ) without rowid;

  create table if not exists endpoints (
    id text primary key,
    document text not null
  ) without rowid;

  create table if not exists messages (
    sequence integer primary key autoincrement,
    id text not null,
    endpoint_id text not null,
    type text not null,
    user_id text,
    payload text not null,
    status text not null check (status in ('pending', 'delivered', 'failed', 'missed')),
    created_at integer not null,
    next_attempt_at integer,
    attempts integer not null default 0,
    unique (id, endpoint_id)
  );
  create index if not exists messages_due on messages (next_attempt_at) where status = 'pending';
  create index if not exists messages_status on messages (status);
  create index if not exists messages_user_id on messages (user_id, sequence);

  create table if not exists attempts (
    sequence integer primary key autoincrement,
    id text not null unique,
    message_id text not null,
    endpoint_id text not null,
    at integer not null,
    url text not null,
    status integer,
    error text,
    ms integer not null,
    response text not null
  );
  create index if not exists attempts_message_id on attempts (message_id, at);
  create index if not exists attempts_endpoint_id on attempts (endpoint_id, at);
`;
