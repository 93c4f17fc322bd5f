#pragma once
// Linux calls that the Glibc module map leaves out. Declarations and layout checks only: no logic in C.
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>

// Hidden behind _GNU_SOURCE, which the Glibc module map does not set.
int accept4(int listener, struct sockaddr *address, socklen_t *size, int flags);
int pthread_setname_np(unsigned long thread, const char *name);
int sched_getaffinity(int process, size_t size, void *mask);
int fallocate(int file, int mode, off_t start, off_t size);
int statx(int directory, const char *path, int flags, unsigned int mask, void *status);

// Its value differs between processors.
enum { linux_o_direct = __O_DIRECT };

// What statx fills in; older headers lack the fields on direct access, which Linux 6.1 brought.
enum { linux_statx_direct = 0x2000, linux_at_empty_path = 0x1000 };
struct linux_statx {
    uint32_t mask;
    uint32_t other[37];
    uint32_t direct_memory_alignment;
    uint32_t direct_place_alignment;
    uint64_t later[12];
};

_Static_assert(sizeof(struct linux_statx) == 256, "the size that the kernel fills");
_Static_assert(offsetof(struct linux_statx, direct_memory_alignment) == 152, "the kernel's layout");

// struct epoll_event holds a union with a pointer, which Swift rightly calls unsafe. This twin has none.
struct linux_event {
    uint32_t events;
    uint64_t tag;
}
#ifdef __x86_64__
__attribute__((packed))
#endif
;

_Static_assert(sizeof(struct linux_event) == sizeof(struct epoll_event), "same size");
_Static_assert(offsetof(struct linux_event, tag) == offsetof(struct epoll_event, data), "same layout");

static inline int linux_epoll_ctl(int set, int operation, int descriptor, struct linux_event *event) {
    return epoll_ctl(set, operation, descriptor, (struct epoll_event *)event);
}

static inline int linux_epoll_wait(int set, struct linux_event *events, int count, int milliseconds) {
    return epoll_wait(set, (struct epoll_event *)events, count, milliseconds);
}
