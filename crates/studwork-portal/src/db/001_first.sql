CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  verified_at BIGINT,
  failed BIGINT NOT NULL DEFAULT 0,
  locked_until BIGINT NOT NULL DEFAULT 0,
  deleted_at BIGINT
);
CREATE TABLE sessions (
  hash TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);
CREATE TABLE mail_tokens (
  hash TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  purpose TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE TABLE tokens (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES accounts (id),
  device TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  grant_hash TEXT
);
CREATE INDEX tokens_account ON tokens (account);
CREATE INDEX tokens_grant ON tokens (grant_hash);
CREATE TABLE auth_codes (
  hash TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL,
  device TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  used BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE device_codes (
  hash TEXT PRIMARY KEY,
  user_code TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  state TEXT NOT NULL,
  account TEXT REFERENCES accounts (id),
  polled_at BIGINT NOT NULL DEFAULT 0,
  expires_at BIGINT NOT NULL
);
CREATE TABLE blobs (
  sha256 TEXT PRIMARY KEY,
  path TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  creator TEXT NOT NULL REFERENCES accounts (id),
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  description TEXT NOT NULL,
  description_html TEXT NOT NULL,
  for_whom TEXT NOT NULL,
  problem TEXT NOT NULL,
  license TEXT NOT NULL,
  tags TEXT NOT NULL,
  creators TEXT NOT NULL,
  search TEXT NOT NULL,
  state TEXT NOT NULL,
  listed BIGINT NOT NULL,
  hidden BIGINT NOT NULL DEFAULT 0,
  supports BIGINT NOT NULL DEFAULT 0,
  rising DOUBLE PRECISION NOT NULL,
  stages BIGINT NOT NULL DEFAULT 0,
  gathering_at BIGINT,
  deadline_at BIGINT,
  pieces BIGINT NOT NULL,
  version BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  media TEXT NOT NULL,
  parent_id TEXT,
  parent_title TEXT,
  parent_sha256 TEXT,
  parent_creator TEXT,
  parent_license TEXT,
  comments BIGINT NOT NULL DEFAULT 0,
  follows BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX projects_newest ON projects (listed, created_at, id);
CREATE INDEX projects_supports ON projects (listed, supports, id);
CREATE INDEX projects_rising ON projects (listed, rising, id);
CREATE INDEX projects_creator ON projects (creator, created_at);
CREATE INDEX projects_parent ON projects (parent_sha256);
CREATE INDEX projects_parent_id ON projects (parent_id);
CREATE INDEX projects_sha256 ON projects (sha256);
CREATE INDEX projects_deadline ON projects (state, deadline_at);
CREATE TABLE project_tags (
  tag TEXT NOT NULL,
  project TEXT NOT NULL REFERENCES projects (id),
  PRIMARY KEY (tag, project)
);
CREATE INDEX project_tags_project ON project_tags (project);
CREATE TABLE versions (
  project TEXT NOT NULL REFERENCES projects (id),
  number BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  pieces BIGINT NOT NULL,
  manifest TEXT NOT NULL,
  parts TEXT NOT NULL,
  media TEXT NOT NULL,
  changes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (project, number)
);
CREATE INDEX versions_sha256 ON versions (sha256);
CREATE INDEX versions_model ON versions (model_sha256);
CREATE TABLE version_blobs (
  project TEXT NOT NULL,
  number BIGINT NOT NULL,
  sha256 TEXT NOT NULL REFERENCES blobs (sha256),
  PRIMARY KEY (project, number, sha256)
);
CREATE INDEX version_blobs_sha256 ON version_blobs (sha256);
CREATE TABLE events (
  seq {serial},
  project TEXT NOT NULL REFERENCES projects (id),
  at BIGINT NOT NULL,
  actor TEXT,
  kind TEXT NOT NULL,
  from_state TEXT,
  to_state TEXT,
  note TEXT NOT NULL
);
CREATE INDEX events_project ON events (project, seq);
CREATE TABLE supports (
  project TEXT NOT NULL REFERENCES projects (id),
  account TEXT NOT NULL REFERENCES accounts (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (project, account)
);
CREATE INDEX supports_account ON supports (account, created_at);
CREATE TABLE follows (
  project TEXT NOT NULL REFERENCES projects (id),
  account TEXT NOT NULL REFERENCES accounts (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (project, account)
);
CREATE INDEX follows_account ON follows (account, created_at);
CREATE TABLE comments (
  seq {serial},
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL REFERENCES projects (id),
  account TEXT NOT NULL REFERENCES accounts (id),
  body TEXT NOT NULL,
  reply_to TEXT,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX comments_project ON comments (project, seq);
CREATE INDEX comments_account ON comments (account);
CREATE TABLE reports (
  seq {serial},
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL REFERENCES projects (id),
  comment TEXT,
  account TEXT NOT NULL REFERENCES accounts (id),
  reason TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  resolved_at BIGINT,
  resolved_by TEXT,
  resolution TEXT
);
CREATE INDEX reports_open ON reports (resolved_at, seq);
CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  project TEXT,
  draft BIGINT NOT NULL,
  length BIGINT NOT NULL,
  received BIGINT NOT NULL DEFAULT 0,
  parts BIGINT NOT NULL DEFAULT 0,
  sha256 TEXT NOT NULL,
  result TEXT,
  created_at BIGINT NOT NULL,
  touched_at BIGINT NOT NULL,
  UNIQUE (account, key)
);
CREATE TABLE upload_parts (
  upload TEXT NOT NULL REFERENCES uploads (id),
  start BIGINT NOT NULL,
  length BIGINT NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY (upload, start)
);
CREATE TABLE idempotency (
  account TEXT NOT NULL REFERENCES accounts (id),
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status BIGINT NOT NULL,
  body TEXT NOT NULL,
  location TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account, key)
);
