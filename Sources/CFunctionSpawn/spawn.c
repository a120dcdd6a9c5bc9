#define _GNU_SOURCE
#include "CFunctionSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif

// What runs between clone and exec shares the host's memory while its other threads go on: only system calls, no
// allocation, no locks, no stdio.

struct child {
    const struct fs_request *request;
    struct fs_result *result;
    pid_t host;
    uid_t user;
    gid_t group;
};

static int fail(struct child *child, int step)
{
    child->result->step = step;
    child->result->error = errno;
    return -1;
}

static int write_file(const char *path, const char *text, size_t length)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t written = write(file, text, length);
    int error = errno;
    close(file);
    errno = error;
    return written == (ssize_t)length ? 0 : -1;
}

/// "N N 1": the only mapping that an ordinary user may make.
static size_t identity_map(char *text, unsigned long id)
{
    char digits[24];
    size_t count = 0, length = 0;
    do {
        digits[count++] = (char)('0' + id % 10);
        id /= 10;
    } while (id > 0);
    for (int copy = 0; copy < 2; copy++) {
        for (size_t i = count; i > 0; i--) text[length++] = digits[i - 1];
        text[length++] = ' ';
    }
    text[length++] = '1';
    return length;
}

static int enter_user_namespace(struct child *child)
{
    char map[64];
    write_file("/proc/self/setgroups", "deny", 4);
    size_t length = identity_map(map, child->user);
    if (write_file("/proc/self/uid_map", map, length) != 0) return -1;
    length = identity_map(map, child->group);
    return write_file("/proc/self/gid_map", map, length);
}

static int make_mount(const struct fs_mount *mounted)
{
    if (mounted->type != NULL)
        return mount(mounted->source, mounted->target, mounted->type, MS_NOSUID | MS_NODEV, mounted->options);
    if (mount(mounted->source, mounted->target, NULL, MS_BIND | MS_REC, NULL) != 0) return -1;
    if (!mounted->read_only) return 0;
    return mount(NULL, mounted->target, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
}

static int enter_mounts(struct child *child)
{
    const struct fs_request *request = child->request;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return fail(child, FS_STEP_MOUNT);
    for (int i = 0; i < request->mount_count; i++)
        if (make_mount(&request->mounts[i]) != 0 && !request->mounts[i].optional) return fail(child, FS_STEP_MOUNT);
    if (request->root != NULL && (chroot(request->root) != 0 || chdir("/") != 0)) return fail(child, FS_STEP_ROOT);
    return 0;
}

static int take_descriptors(const struct fs_request *request)
{
    // The three may stand in each other's place: move them out of the way first.
    int input = fcntl(request->standard_input, F_DUPFD, 10);
    int output = fcntl(request->standard_output, F_DUPFD, 10);
    int error = fcntl(request->standard_error, F_DUPFD, 10);
    if (input < 0 || output < 0 || error < 0) return -1;
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) return -1;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, 3, UINT_MAX, 0) == 0) return 0;
#endif
    for (int descriptor = 3; descriptor < 65536; descriptor++) close(descriptor);
    return 0;
}

static const int resources[] = {
    [FS_LIMIT_OPEN_FILES] = RLIMIT_NOFILE,   [FS_LIMIT_STACK] = RLIMIT_STACK,
    [FS_LIMIT_CORE] = RLIMIT_CORE,           [FS_LIMIT_LOCKED_MEMORY] = RLIMIT_MEMLOCK,
    [FS_LIMIT_FILE_SIZE] = RLIMIT_FSIZE,     [FS_LIMIT_PROCESSES] = RLIMIT_NPROC,
};

static int take_limits(const struct fs_request *request)
{
    for (int i = 0; i < request->limit_count; i++) {
        const struct fs_limit *limit = &request->limits[i];
        struct rlimit present, value;
        value.rlim_cur = limit->soft == UINT64_MAX ? RLIM_INFINITY : (rlim_t)limit->soft;
        value.rlim_max = limit->hard == UINT64_MAX ? RLIM_INFINITY : (rlim_t)limit->hard;
        // An ordinary user cannot go above what the host itself was given.
        if (getrlimit(resources[limit->resource], &present) == 0 && value.rlim_max > present.rlim_max) {
            value.rlim_max = present.rlim_max;
            if (value.rlim_cur > value.rlim_max) value.rlim_cur = value.rlim_max;
        }
        if (setrlimit(resources[limit->resource], &value) != 0) return -1;
    }
    return 0;
}

static void take_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) {
        if (number == SIGKILL || number == SIGSTOP) continue;
        sigaction(number, &action, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void set_oom_score(int score)
{
    char text[8];
    size_t length = 0;
    if (score < 0 || score > 1000) return;
    if (score == 1000) text[length++] = '1';
    if (score >= 100) text[length++] = (char)('0' + score / 100 % 10);
    if (score >= 10) text[length++] = (char)('0' + score / 10 % 10);
    text[length++] = (char)('0' + score % 10);
    write_file("/proc/self/oom_score_adj", text, length);
}

static int run_child(void *argument)
{
    struct child *child = argument;
    const struct fs_request *request = child->request;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The host may have died before the request above: then nothing would ever kill this process.
    if (!(request->isolation & FS_ISOLATE_PROCESSES) && getppid() != child->host) _exit(127);
    setpgid(0, 0);

    if ((request->isolation & FS_ISOLATE_USER) && enter_user_namespace(child) != 0) {
        fail(child, FS_STEP_USER_NAMESPACE);
        _exit(127);
    }
    for (int i = 0; i < request->control_group_count; i++)
        if (write(request->control_groups[i], "0", 1) != 1) {
            fail(child, FS_STEP_CONTROL_GROUP);
            _exit(127);
        }
    if (request->oom_score_adjustment > 0) set_oom_score(request->oom_score_adjustment);
    if ((request->isolation & FS_ISOLATE_MOUNTS) && enter_mounts(child) != 0) _exit(127);
    if (take_descriptors(request) != 0) {
        fail(child, FS_STEP_DESCRIPTORS);
        _exit(127);
    }
    if (request->niceness != 0) setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + request->niceness);
    if (chdir(request->directory) != 0) {
        fail(child, FS_STEP_DIRECTORY);
        _exit(127);
    }
    if (take_limits(request) != 0) {
        fail(child, FS_STEP_LIMITS);
        _exit(127);
    }
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    take_signals();
    execve(request->executable, request->arguments, request->environment);
    fail(child, FS_STEP_EXECUTE);
    _exit(127);
}

int fs_spawn(const struct fs_request *request, struct fs_result *result)
{
    _Alignas(16) char stack[32768];
    struct child child = {request, result, getpid(), geteuid(), getegid()};
    int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    if (request->isolation & FS_ISOLATE_MOUNTS) flags |= CLONE_NEWNS | CLONE_NEWIPC;
    if (request->isolation & FS_ISOLATE_PROCESSES) flags |= CLONE_NEWPID;
    if (request->isolation & FS_ISOLATE_USER) flags |= CLONE_NEWUSER;
    result->pid = -1;
    result->process_descriptor = -1;
    result->step = FS_STEP_NONE;
    result->error = 0;

    // No handler of the host's may run in the child, on the shared memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int process_descriptor = -1;
    pid_t pid = clone(run_child, stack + sizeof stack, flags, &child, &process_descriptor);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (pid < 0) {
        result->step = FS_STEP_CLONE;
        result->error = error;
        return -1;
    }
    if (result->step != FS_STEP_NONE) {
        int status;
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
        close(process_descriptor);
        return -1;
    }
    result->pid = pid;
    result->process_descriptor = process_descriptor;
    return 0;
}

pid_t fs_reap(pid_t pid, int *status, long *peak_kilobytes, long *cpu_microseconds)
{
    struct rusage usage;
    pid_t reaped;
    do {
        reaped = wait4(pid, status, WNOHANG, &usage);
    } while (reaped < 0 && errno == EINTR);
    if (reaped > 0) {
        *peak_kilobytes = usage.ru_maxrss;
        *cpu_microseconds = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec
            + usage.ru_stime.tv_usec;
    }
    return reaped;
}

void fs_observe_children(void)
{
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action) != 0 || (action.sa_flags & SA_SIGINFO)) return;
    if (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT)) return;
    if (action.sa_handler == SIG_IGN) action.sa_handler = SIG_DFL;
    action.sa_flags &= ~SA_NOCLDWAIT;
    sigaction(SIGCHLD, &action, NULL);
}

int fs_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

void fs_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

long fs_host_peak_kilobytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}
