import Storage

extension BusStore {
    static let schema = [
        Migration(
            "event-buses", 1,
            [
                """
                CREATE TABLE event_buses (
                    account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, summary TEXT, policy TEXT,
                    created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, settings TEXT NOT NULL,
                    PRIMARY KEY (account, region, name)
                )
                """,
                """
                CREATE TABLE event_rules (
                    id BIGINT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, bus TEXT NOT NULL,
                    name TEXT NOT NULL, pattern TEXT, schedule TEXT, state TEXT NOT NULL, summary TEXT, role TEXT,
                    UNIQUE (account, region, bus, name)
                )
                """,
                """
                CREATE TABLE event_targets (
                    rule_id BIGINT NOT NULL, target_id TEXT NOT NULL, position BIGINT NOT NULL, arn TEXT NOT NULL,
                    definition TEXT NOT NULL, PRIMARY KEY (rule_id, target_id)
                )
                """,
                """
                CREATE TABLE event_archives (
                    id BIGINT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
                    bus TEXT NOT NULL, summary TEXT, pattern TEXT, retention_days BIGINT NOT NULL,
                    created_at BIGINT NOT NULL, UNIQUE (account, region, name)
                )
                """,
                """
                CREATE TABLE event_archived (
                    id BIGINT PRIMARY KEY, archive_id BIGINT NOT NULL, time BIGINT NOT NULL, size BIGINT NOT NULL,
                    event BYTEA NOT NULL
                )
                """,
                "CREATE INDEX event_archived_by_time ON event_archived (archive_id, time, id)",
                """
                CREATE TABLE event_replays (
                    account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
                    archive TEXT NOT NULL, details TEXT NOT NULL, start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,
                    begun_at BIGINT NOT NULL, ended_at BIGINT, cursor_time BIGINT, cursor_id BIGINT,
                    PRIMARY KEY (account, region, name)
                )
                """,
                """
                CREATE TABLE event_endpoints (
                    account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
                    suffix TEXT NOT NULL, state TEXT NOT NULL, definition TEXT NOT NULL, created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL, authorized_at BIGINT, PRIMARY KEY (account, region, kind, name)
                )
                """,
            ])
    ]
}
