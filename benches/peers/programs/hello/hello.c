// The smallest program: what it costs to start and stop.
#include <stdio.h>

int main(void) {
  puts("hello, world");
  return 0;
}
