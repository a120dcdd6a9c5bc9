import Storage

extension Meter {
    /// `meter_series` names what is counted; `meter_daily` is the ledger; `meter_executions` says which part of the
    /// ledger belongs to which workflow execution; `meter_levels` holds what is stored at the moment and is billed by
    /// the hour. The shard keeps several hosts on one database from waiting for each other's rows.
    public static let schema: [Migration] = [
        Migration(
            "meter", 1,
            [
                """
                CREATE TABLE meter_series (
                    id BIGINT NOT NULL PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, metric TEXT NOT NULL,
                    resource TEXT NOT NULL, workflow TEXT NOT NULL,
                    UNIQUE (account, region, metric, resource, workflow))
                """,
                """
                CREATE TABLE meter_daily (
                    day BIGINT NOT NULL, series BIGINT NOT NULL REFERENCES meter_series (id), shard BIGINT NOT NULL,
                    quantity BIGINT NOT NULL, PRIMARY KEY (day, series, shard))
                """,
                """
                CREATE TABLE meter_executions (
                    execution TEXT NOT NULL, series BIGINT NOT NULL REFERENCES meter_series (id), day BIGINT NOT NULL,
                    shard BIGINT NOT NULL, quantity BIGINT NOT NULL, PRIMARY KEY (execution, series, day, shard))
                """,
                "CREATE INDEX meter_executions_by_day ON meter_executions (day)",
                """
                CREATE TABLE meter_levels (
                    series BIGINT NOT NULL PRIMARY KEY REFERENCES meter_series (id), bytes BIGINT NOT NULL,
                    since BIGINT NOT NULL, remainder BIGINT NOT NULL)
                """,
                """
                CREATE TABLE meter_tags (
                    resource TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (resource, name))
                """,
                """
                CREATE TABLE meter_budgets (
                    account TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, state TEXT,
                    PRIMARY KEY (account, name))
                """,
            ])
    ]
}
