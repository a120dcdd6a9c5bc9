#ifndef CFUNCTIONSPAWN_H
#define CFUNCTIONSPAWN_H

#include <stdint.h>
#include <sys/types.h>

// What Swift's view of the C library leaves out.
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// pipe2(2), closed on exec.
int fs_pipe(int ends[2]);

/// Names the calling thread; at most 15 characters.
void fs_name_thread(const char *name);

enum {
    FS_LIMIT_OPEN_FILES,
    FS_LIMIT_STACK,
    FS_LIMIT_CORE,
    FS_LIMIT_LOCKED_MEMORY,
    FS_LIMIT_FILE_SIZE,
    FS_LIMIT_PROCESSES,
};

/// The largest resident set of the host so far, in kilobytes.
long fs_host_peak_kilobytes(void);

/// A limit of the kind setrlimit(2) takes. UINT64_MAX stands for RLIM_INFINITY.
struct fs_limit {
    /// One of FS_LIMIT_*.
    int resource;
    uint64_t soft;
    uint64_t hard;
};

/// A mount made in the child's own mount namespace before it changes its root.
struct fs_mount {
    /// What is mounted: a directory for a bind mount, otherwise the file system's type (`proc`, `overlay`).
    const char *source;
    const char *target;
    /// Null for a bind mount.
    const char *type;
    /// Options of the file system, or null.
    const char *options;
    int read_only;
    /// A mount that may be left out when the kernel refuses it.
    int optional;
};

enum {
    /// New mount and IPC namespaces.
    FS_ISOLATE_MOUNTS = 1,
    /// A new process namespace: the function is its first process, and nothing it started outlives it.
    FS_ISOLATE_PROCESSES = 2,
    /// A new user namespace, with which an ordinary user may make the others.
    FS_ISOLATE_USER = 4,
};

/// Where a spawn failed.
enum {
    FS_STEP_NONE = 0,
    FS_STEP_CLONE,
    FS_STEP_USER_NAMESPACE,
    FS_STEP_CONTROL_GROUP,
    FS_STEP_MOUNT,
    FS_STEP_ROOT,
    FS_STEP_DESCRIPTORS,
    FS_STEP_LIMITS,
    FS_STEP_DIRECTORY,
    FS_STEP_EXECUTE,
};

struct fs_request {
    const char *executable;
    char *const *arguments;
    char *const *environment;
    /// The working directory, as seen after the change of root.
    const char *directory;
    /// Descriptors that become 0, 1 and 2.
    int standard_input;
    int standard_output;
    int standard_error;
    const struct fs_limit *limits;
    int limit_count;
    /// Open `cgroup.procs` files of the groups that the child joins.
    const int *control_groups;
    int control_group_count;
    const struct fs_mount *mounts;
    int mount_count;
    /// The directory that becomes the child's root, or null.
    const char *root;
    unsigned isolation;
    /// Added to the niceness of the host.
    int niceness;
    /// Written to /proc/self/oom_score_adj.
    int oom_score_adjustment;
};

struct fs_result {
    pid_t pid;
    /// A descriptor that becomes readable when the process ends.
    int process_descriptor;
    int step;
    int error;
};

/// Starts a process as the leader of a group of its own. It is killed when the calling thread ends, has the default
/// signal handling, no descriptors beside 0, 1 and 2 and no way to new privileges.
///
/// The memory is shared with the child until it executes, so that the cost does not grow with the host. Returns when the
/// child executes its program or has failed to. Zero, or -1 with the result's `step` and `error` set.
int fs_spawn(const struct fs_request *request, struct fs_result *result);

/// Collects an ended child. Returns its pid, 0 when it still runs, -1 when there is none.
/// `peak_kilobytes` is the largest resident set of the process, or of the host when that was larger at the start.
pid_t fs_reap(pid_t pid, int *status, long *peak_kilobytes, long *cpu_microseconds);

/// Makes the ends of children known. A host whose parent ignored the ends of its own has inherited that, and the system
/// would collect them before the host could ask how they ended.
void fs_observe_children(void);

#endif
