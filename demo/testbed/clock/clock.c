// A wall clock that a test can move, for a program that it is preloaded into. By how many nanoseconds it is off stands in the file that
// RINGFENCE_TESTBED_CLOCK names. The machine's own clock stays, and so do monotonic clocks.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static const volatile int64_t *off;

__attribute__((constructor)) static void map(void)
{
	const char *name = getenv("RINGFENCE_TESTBED_CLOCK");
	int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	void *p = mmap(NULL, sizeof *off, PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		off = p;
	close(fd);
}

static int64_t real(clockid_t id)
{
	struct timespec t;
	syscall(SYS_clock_gettime, id, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static int64_t wall(void) { return real(CLOCK_REALTIME) + (off ? *off : 0); }

static struct timespec split(int64_t ns) { return (struct timespec){ns / SECOND, ns % SECOND}; }

int clock_gettime(clockid_t id, struct timespec *t)
{
	if (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)
		return syscall(SYS_clock_gettime, id, t);
	*t = split(wall());
	return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	(void)zone;
	int64_t now = wall();
	t->tv_sec = now / SECOND;
	t->tv_usec = now % SECOND / 1000;
	return 0;
}

time_t time(time_t *t)
{
	time_t now = wall() / SECOND;
	if (t)
		*t = now;
	return now;
}

// The kernel wakes whoever waits for a wall-clock time when that clock is set. Here it is looked at every 5 ms.
#define SLICE (SECOND / 200)

#define UNTIL(until, wait)                                                            \
	do {                                                                          \
		int64_t due = (until)->tv_sec * SECOND + (until)->tv_nsec;            \
		/* A condition of the monotonic clock has its time since the boot. */ \
		int monotonic = (until)->tv_sec < 900000000;                          \
		for (;;) {                                                            \
			int64_t left = due - (monotonic ? real(CLOCK_MONOTONIC) : wall()); \
			int64_t step = left < 0 ? 0 : left > SLICE ? SLICE : left;    \
			struct timespec at = split(real(CLOCK_MONOTONIC) + step);     \
			int got = (wait);                                             \
			if (got != ETIMEDOUT || left <= 0)                            \
				return got;                                           \
		}                                                                     \
	} while (0)

int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict until)
{
	UNTIL(until, pthread_cond_clockwait(c, m, CLOCK_MONOTONIC, &at));
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict m, const struct timespec *restrict until)
{
	UNTIL(until, pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &at));
}
