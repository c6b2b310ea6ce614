// Float arithmetic in nested loops: the spectral norm of an infinite matrix,
// by the power method on its upper left n by n corner.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double entry(int i, int j) {
  return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void times(int n, const double *v, double *out) {
  for (int i = 0; i < n; i++) {
    double sum = 0.0;
    for (int j = 0; j < n; j++) sum += entry(i, j) * v[j];
    out[i] = sum;
  }
}

static void times_transposed(int n, const double *v, double *out) {
  for (int i = 0; i < n; i++) {
    double sum = 0.0;
    for (int j = 0; j < n; j++) sum += entry(j, i) * v[j];
    out[i] = sum;
  }
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 100;
  double *u = malloc(n * sizeof *u);
  double *v = malloc(n * sizeof *v);
  double *scratch = malloc(n * sizeof *scratch);
  for (int i = 0; i < n; i++) u[i] = 1.0;
  for (int round = 0; round < 10; round++) {
    times(n, u, scratch);
    times_transposed(n, scratch, v);
    times(n, v, scratch);
    times_transposed(n, scratch, u);
  }
  double uv = 0.0, vv = 0.0;
  for (int i = 0; i < n; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  printf("%.9f\n", sqrt(uv / vv));
  free(u);
  free(v);
  free(scratch);
  return 0;
}
