#ifndef MILLRACE_CSQLITE_H
#define MILLRACE_CSQLITE_H

#include <sqlite3.h>
#include <sys/prctl.h>

// Swift does not import the macro: a cast of -1 to a function pointer.
static inline int millrace_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}

static inline int millrace_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

// Variadic, as the next one. Without its counts of memory, SQLite takes no lock for every piece of memory; nobody reads
// them. Only possible before the first connection.
static inline int millrace_leave_memory_uncounted(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

// Variadic, and so not imported either. The kernel keeps the first 15 bytes.
static inline void millrace_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
