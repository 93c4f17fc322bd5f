// Preloaded into a program, it writes down what the program does to the files under one directory,
// and what it tells others, in the order in which it happens.
//
//     RECORDER_ROOT=/dir RECORDER_JOURNAL=/file LD_PRELOAD=recorder.so program …
//
// With RECORDER_FAIL_FLUSH=n the n-th flush there fails with EIO, and is not done; with
// RECORDER_FAIL_DATA=n the n-th of those that flush data alone, as a log does for each round; those of
// files that are still being made (`.tmp`) are not counted, since making one is tried again.
// With RECORDER_SLOW=n each flush takes n milliseconds more, as on a slow disk.
//
// Journal: records of a header, a path, a second path and data. A write or a flush has a record when
// it begins and one when it has returned, since what a flush covers had returned before it began.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind {
    OPENED = 1, WRITE_BEGAN, WRITE_ENDED, FLUSH_BEGAN, FLUSH_ENDED, SIZED, RENAMED, REMOVED, MADE, TOLD
};
enum { ZEROS = 1, SYNCED = 2 };

struct record {
    uint32_t magic, kind;
    uint64_t call;      // the same for a begin and its end
    uint64_t file;      // the inode
    int64_t place;      // of a write; the size of SIZED
    int64_t result;
    uint32_t flags, path_size, other_size, pad;
    uint64_t data_size; // of the write; no bytes follow where they are all zero
};

struct tracked { uint64_t file; int synced, on, unfinished; };
enum { FILES_MAX = 65536 };
static struct tracked files[FILES_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t calls, flushes, failing, data_flushes, failing_data, slow;
static int journal = -1;
static char root[PATH_MAX];
static size_t root_size;

__attribute__((constructor)) static void start(void) {
    const char *directory = getenv("RECORDER_ROOT"), *path = getenv("RECORDER_JOURNAL");
    if (!directory || !path || !realpath(directory, root)) return;
    root_size = strlen(root);
    failing = strtoull(getenv("RECORDER_FAIL_FLUSH") ?: "0", NULL, 10);
    failing_data = strtoull(getenv("RECORDER_FAIL_DATA") ?: "0", NULL, 10);
    slow = strtoull(getenv("RECORDER_SLOW") ?: "0", NULL, 10);
    journal = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void put(const void *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = syscall(SYS_write, journal, bytes, size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) abort();
        bytes = (const char *)bytes + count;
        size -= count;
    }
}

static int is_zero(const char *bytes, size_t size) {
    return size > 0 && bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

// The caller holds the lock, and gets its errno back.
static void note(struct record record, const char *path, const char *other, const void *data) {
    int code = errno;
    record.magic = 0x43455250;
    record.path_size = path ? strlen(path) : 0;
    record.other_size = other ? strlen(other) : 0;
    if (data && is_zero(data, record.data_size)) record.flags |= ZEROS;
    put(&record, sizeof record);
    if (path) put(path, record.path_size);
    if (other) put(other, record.other_size);
    if (data && !(record.flags & ZEROS)) put(data, record.data_size);
    errno = code;
}

static int is_below(const char *path) {
    return !strncmp(path, root, root_size) && (path[root_size] == '/' || path[root_size] == 0);
}

// The path of `name`, whose last step is not followed; 0 where it is not below the root.
static int find(int directory, const char *name, char *path) {
    char whole[PATH_MAX], parent[PATH_MAX], link[64];
    if (journal < 0) return 0;
    if (name[0] == '/') {
        snprintf(whole, sizeof whole, "%s", name);
    } else {
        snprintf(link, sizeof link, directory == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", directory);
        ssize_t size = readlink(link, parent, sizeof parent - 1);
        if (size < 0) return 0;
        parent[size] = 0;
        if (snprintf(whole, sizeof whole, "%s/%s", parent, name) >= (int)sizeof whole) return 0;
    }
    char *last = strrchr(whole, '/');
    if (!last[1] || !strcmp(last, "/.") || !strcmp(last, "/..")) {
        return realpath(whole, path) && is_below(path);
    }
    *last = 0;
    if (!realpath(whole[0] ? whole : "/", parent)) return 0;
    if (snprintf(path, PATH_MAX, "%s/%s", parent, last + 1) >= PATH_MAX) return 0;
    return is_below(path);
}

static struct tracked *tracked(int fd) {
    return fd >= 0 && fd < FILES_MAX && files[fd].on ? &files[fd] : NULL;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opened(int fd, int directory, const char *name, int flags) {
    char path[PATH_MAX];
    struct stat status;
    int code = errno;
    if (fd >= 0 && fd < FILES_MAX) {
        files[fd].on = 0;
        if (find(directory, name, path) && fstat(fd, &status) == 0) {
            size_t size = strlen(path);
            int unfinished = size > 4 && strcmp(path + size - 4, ".tmp") == 0;
            files[fd] = (struct tracked){
                status.st_ino, (flags & (O_SYNC | O_DSYNC)) != 0, 1, unfinished};
            struct record record = {
                .kind = OPENED, .file = status.st_ino, .place = status.st_size,
                .result = S_ISDIR(status.st_mode), .flags = flags & O_TRUNC ? 4 : 0};
            note(record, path, NULL, NULL);
        }
    }
    errno = code;
    return fd;
}

#define OPEN(directory, name, flags) do { \
    mode_t mode = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { \
        va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); \
    } \
    pthread_mutex_lock(&lock); \
    int fd = opened(syscall(SYS_openat, directory, name, flags, mode), directory, name, flags); \
    pthread_mutex_unlock(&lock); \
    return fd; \
} while (0)

int open(const char *name, int flags, ...) { OPEN(AT_FDCWD, name, flags); }
int open64(const char *name, int flags, ...) { OPEN(AT_FDCWD, name, flags); }
int openat(int directory, const char *name, int flags, ...) { OPEN(directory, name, flags); }
int openat64(int directory, const char *name, int flags, ...) { OPEN(directory, name, flags); }

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < FILES_MAX) files[fd].on = 0;
    pthread_mutex_unlock(&lock);
    return REAL(close)(fd);
}

// Writes and flushes run beside each other; only their records are put down one by one.
static uint64_t began(struct tracked *file, int kind, const void *data, size_t size, off_t place, uint64_t *inode) {
    pthread_mutex_lock(&lock);
    struct record record = {
        .kind = kind, .call = ++calls, .file = file->file, .place = place, .data_size = size,
        .flags = file->synced ? SYNCED : 0};
    *inode = file->file;
    note(record, NULL, NULL, data);
    pthread_mutex_unlock(&lock);
    return record.call;
}

static void ended(int kind, uint64_t call, uint64_t inode, ssize_t result) {
    pthread_mutex_lock(&lock);
    struct record record = {.kind = kind, .call = call, .file = inode, .result = result};
    note(record, NULL, NULL, NULL);
    pthread_mutex_unlock(&lock);
}

static void told(int fd, const void *data, ssize_t size) {
    if (journal < 0 || size <= 0) return;
    pthread_mutex_lock(&lock);
    struct record record = {.kind = TOLD, .file = fd, .data_size = size};
    note(record, NULL, NULL, data);
    pthread_mutex_unlock(&lock);
}

static ssize_t written(int fd, const void *data, size_t size, off_t place) {
    uint64_t inode, call = began(tracked(fd), WRITE_BEGAN, data, size, place, &inode);
    ssize_t result = REAL(pwrite)(fd, data, size, place);
    ended(WRITE_ENDED, call, inode, result);
    return result;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t place) {
    return tracked(fd) ? written(fd, data, size, place) : REAL(pwrite)(fd, data, size, place);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t place) { return pwrite(fd, data, size, place); }

ssize_t write(int fd, const void *data, size_t size) {
    if (tracked(fd)) {
        off_t end = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
        ssize_t result = written(fd, data, size, end);
        if (result > 0) lseek(fd, end + result, SEEK_SET);
        return result;
    }
    ssize_t result = REAL(write)(fd, data, size);
    told(fd, data, result);
    return result;
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
    ssize_t result = REAL(send)(fd, data, size, flags);
    told(fd, data, result);
    return result;
}

static int fails(int is_data) {
    pthread_mutex_lock(&lock);
    int is_it = ++flushes == failing;
    if (is_data && ++data_flushes == failing_data) is_it = 1;
    pthread_mutex_unlock(&lock);
    if (is_it) errno = EIO;
    return is_it;
}

#define FLUSH(name, is_data) do { \
    struct tracked *file = tracked(fd); \
    if (!file) return REAL(name)(fd); \
    uint64_t inode, call = began(file, FLUSH_BEGAN, NULL, 0, 0, &inode); \
    if (slow) usleep(slow * 1000); \
    int result = fails(is_data && !file->unfinished) ? -1 : REAL(name)(fd); \
    ended(FLUSH_ENDED, call, inode, result); \
    return result; \
} while (0)

int fdatasync(int fd) { FLUSH(fdatasync, 1); }
int fsync(int fd) { FLUSH(fsync, 0); }

#define SIZE(call, grown) do { \
    pthread_mutex_lock(&lock); \
    int result = call; \
    struct tracked *file = tracked(fd); \
    if (result == 0 && file) { \
        struct record record = {.kind = SIZED, .file = file->file, .place = grown}; \
        struct stat status; \
        if (fstat(fd, &status) == 0) record.place = status.st_size; \
        note(record, NULL, NULL, NULL); \
    } \
    pthread_mutex_unlock(&lock); \
    return result; \
} while (0)

int ftruncate(int fd, off_t size) { SIZE(REAL(ftruncate)(fd, size), size); }
int ftruncate64(int fd, off_t size) { SIZE(REAL(ftruncate)(fd, size), size); }
int fallocate(int fd, int mode, off_t at, off_t size) { SIZE(REAL(fallocate)(fd, mode, at, size), at + size); }
int fallocate64(int fd, int mode, off_t at, off_t size) { SIZE(REAL(fallocate)(fd, mode, at, size), at + size); }

int renameat(int from, const char *name, int to, const char *other) {
    char path[PATH_MAX], last[PATH_MAX];
    pthread_mutex_lock(&lock);
    int is_ours = find(from, name, path) && find(to, other, last);
    int result = REAL(renameat)(from, name, to, other);
    if (result == 0 && is_ours) note((struct record){.kind = RENAMED}, path, last, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *name, const char *other) { return renameat(AT_FDCWD, name, AT_FDCWD, other); }

int unlinkat(int directory, const char *name, int flags) {
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int is_ours = find(directory, name, path);
    int result = REAL(unlinkat)(directory, name, flags);
    if (result == 0 && is_ours) note((struct record){.kind = REMOVED}, path, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }

int mkdirat(int directory, const char *name, mode_t mode) {
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int result = REAL(mkdirat)(directory, name, mode);
    if (result == 0 && find(directory, name, path)) note((struct record){.kind = MADE}, path, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }
