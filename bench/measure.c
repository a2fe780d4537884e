// Runs a program once and prints what it took, by the operating system's accounting:
// nanoseconds by the clock, microseconds of CPU, KiB of memory at the peak, exit status.
//
// The benchmark can't do this by itself: a process inherits the peak memory of the one that started it, and Python's is large.

#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

int main(int count, char **words) {
    struct timespec start, end;
    struct rusage usage;
    int status, nowhere = open("/dev/null", O_RDWR);
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = count > 1 ? fork() : -1;
    if (child == 0) {
        dup2(nowhere, 0);
        dup2(nowhere, 1);
        execvp(words[1], words + 1);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%lld %lld %ld %d\n", (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec,
           microseconds(usage.ru_utime) + microseconds(usage.ru_stime), usage.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}
