// Runs one command and writes what it cost to a file, as one line:
//   wait status, user microseconds, system microseconds, peak resident KiB
//
// Why a program of its own: Linux counts the memory of the process that forked
// into the peak of the child, up to its exec. Started from here that is about
// a megabyte; started from the harness it is the size of a whole interpreter.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long long micros(struct timeval t) {
  return t.tv_sec * 1000000LL + t.tv_usec;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: launch REPORT COMMAND [ARGUMENT...]\n");
    return 2;
  }
  pid_t child = fork();
  if (child < 0) {
    perror("fork");
    return 1;
  }
  if (child == 0) {
    execv(argv[2], argv + 2);
    perror(argv[2]);
    _exit(127);
  }
  int status;
  struct rusage used;
  if (wait4(child, &status, 0, &used) < 0) {
    perror("wait4");
    return 1;
  }
  FILE *report = fopen(argv[1], "w");
  if (!report) {
    perror(argv[1]);
    return 1;
  }
  fprintf(report, "%d %lld %lld %ld\n", status, micros(used.ru_utime), micros(used.ru_stime), used.ru_maxrss);
  return fclose(report) == 0 ? 0 : 1;
}
