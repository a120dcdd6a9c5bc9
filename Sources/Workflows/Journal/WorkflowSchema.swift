public import Storage

/// The tables of the workflow engine.
public enum WorkflowSchema {
    public static let migrations = [
        Migration("workflows", 1, machines + executions + mapRuns)
    ]

    private static let machines = [
        // Texts of definitions never change, so that executions and versions can share them.
        """
        CREATE TABLE workflows_definitions (
            id BIGINT PRIMARY KEY,
            text TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE workflows_machines (
            arn TEXT PRIMARY KEY,
            scope TEXT NOT NULL,
            name TEXT NOT NULL,
            type TEXT NOT NULL,
            definition BIGINT NOT NULL,
            role TEXT NOT NULL,
            settings TEXT NOT NULL,
            revision TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL,
            last_version BIGINT NOT NULL
        )
        """,
        "CREATE INDEX workflows_machines_by_scope ON workflows_machines (scope, name)",
        """
        CREATE TABLE workflows_versions (
            machine TEXT NOT NULL,
            version BIGINT NOT NULL,
            definition BIGINT NOT NULL,
            role TEXT NOT NULL,
            settings TEXT NOT NULL,
            revision TEXT NOT NULL,
            description TEXT,
            created_at BIGINT NOT NULL,
            PRIMARY KEY (machine, version)
        )
        """,
        """
        CREATE TABLE workflows_aliases (
            arn TEXT PRIMARY KEY,
            machine TEXT NOT NULL,
            name TEXT NOT NULL,
            description TEXT,
            routing TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )
        """,
        "CREATE INDEX workflows_aliases_by_machine ON workflows_aliases (machine, name)",
        """
        CREATE TABLE workflows_activities (
            arn TEXT PRIMARY KEY,
            scope TEXT NOT NULL,
            name TEXT NOT NULL,
            settings TEXT NOT NULL,
            created_at BIGINT NOT NULL
        )
        """,
        "CREATE INDEX workflows_activities_by_scope ON workflows_activities (scope, name)",
        """
        CREATE TABLE workflows_tags (
            arn TEXT NOT NULL,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (arn, name)
        )
        """,
    ]

    private static let executions = [
        """
        CREATE TABLE workflows_executions (
            id BIGINT PRIMARY KEY,
            arn TEXT NOT NULL,
            machine TEXT NOT NULL,
            name TEXT NOT NULL,
            version TEXT,
            alias TEXT,
            map_run TEXT,
            map_item TEXT,
            definition BIGINT NOT NULL,
            role TEXT NOT NULL,
            settings TEXT NOT NULL,
            status TEXT NOT NULL,
            input TEXT NOT NULL,
            output TEXT,
            error TEXT,
            cause TEXT,
            started_at BIGINT NOT NULL,
            stopped_at BIGINT,
            redrive_count BIGINT NOT NULL,
            redriven_at BIGINT,
            events BIGINT NOT NULL,
            parked BIGINT NOT NULL,
            due_at BIGINT
        )
        """,
        "CREATE UNIQUE INDEX workflows_executions_by_arn ON workflows_executions (arn)",
        "CREATE INDEX workflows_executions_by_machine ON workflows_executions (machine, id)",
        "CREATE INDEX workflows_executions_by_map_run ON workflows_executions (map_run, id) WHERE map_run IS NOT NULL",
        "CREATE INDEX workflows_executions_running ON workflows_executions (parked, due_at) WHERE status = 'RUNNING'",
        """
        CREATE TABLE workflows_journal (
            execution BIGINT NOT NULL,
            sequence BIGINT NOT NULL,
            first_event BIGINT NOT NULL,
            signals BYTEA NOT NULL,
            events BYTEA NOT NULL,
            PRIMARY KEY (execution, sequence)
        )
        """,
    ]

    private static let mapRuns = [
        """
        CREATE TABLE workflows_map_runs (
            arn TEXT PRIMARY KEY,
            execution BIGINT NOT NULL,
            execution_arn TEXT NOT NULL,
            machine TEXT NOT NULL,
            status TEXT NOT NULL,
            started_at BIGINT NOT NULL,
            stopped_at BIGINT,
            max_concurrency BIGINT NOT NULL,
            tolerated_count BIGINT NOT NULL,
            tolerated_percentage DOUBLE PRECISION NOT NULL,
            redrive_count BIGINT NOT NULL,
            redriven_at BIGINT,
            counts TEXT NOT NULL
        )
        """,
        "CREATE INDEX workflows_map_runs_by_execution ON workflows_map_runs (execution)",
    ]
}
