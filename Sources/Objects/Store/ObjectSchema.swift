import Storage

extension ObjectStore {
    /// The tables of buckets and objects.
    public static let schema = [
        Migration(
            "objects", 1,
            [
                """
                CREATE TABLE objects_buckets (
                    id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, account TEXT NOT NULL, region TEXT NOT NULL,
                    directory TEXT NOT NULL, is_own BIGINT NOT NULL, created BIGINT NOT NULL, versioning TEXT NOT NULL)
                """,
                """
                CREATE TABLE objects_documents (
                    bucket BIGINT NOT NULL, kind TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (bucket, kind))
                """,
                // Keys are bytes, so that both databases order them as S3 does.
                """
                CREATE TABLE objects_versions (
                    bucket BIGINT NOT NULL, key BYTEA NOT NULL, sequence BIGINT NOT NULL, version TEXT NOT NULL,
                    latest BIGINT NOT NULL, marker BIGINT NOT NULL, size BIGINT NOT NULL, etag TEXT NOT NULL,
                    modified BIGINT NOT NULL, location BIGINT NOT NULL, archived BIGINT NOT NULL, staged BIGINT,
                    inode BIGINT NOT NULL, file_modified BIGINT NOT NULL, young BIGINT NOT NULL,
                    attributes TEXT NOT NULL, PRIMARY KEY (bucket, key, sequence))
                """,
                "CREATE UNIQUE INDEX objects_latest ON objects_versions (bucket, key) WHERE latest = 1",
                """
                CREATE TABLE objects_uploads (
                    id TEXT PRIMARY KEY, bucket BIGINT NOT NULL, key BYTEA NOT NULL, initiated BIGINT NOT NULL,
                    attributes TEXT NOT NULL)
                """,
                "CREATE INDEX objects_uploads_by_key ON objects_uploads (bucket, key, id)",
                """
                CREATE TABLE objects_parts (
                    upload TEXT NOT NULL, number BIGINT NOT NULL, size BIGINT NOT NULL, etag TEXT NOT NULL,
                    modified BIGINT NOT NULL, file BIGINT NOT NULL, checksums TEXT NOT NULL,
                    PRIMARY KEY (upload, number))
                """,
            ]),
        Migration(
            "objects", 2,
            [
                // The order in which uploads were begun, and whether the object was deleted since.
                "ALTER TABLE objects_uploads ADD COLUMN number BIGINT NOT NULL DEFAULT 0",
                "ALTER TABLE objects_uploads ADD COLUMN overtaken BIGINT NOT NULL DEFAULT 0",
            ]),
        Migration(
            "objects", 3,
            [
                """
                CREATE TABLE objects_contents (
                    number BIGINT PRIMARY KEY, bucket BIGINT NOT NULL, key BYTEA NOT NULL, boot TEXT NOT NULL,
                    content BYTEA NOT NULL)
                """
            ]),
    ]
}
