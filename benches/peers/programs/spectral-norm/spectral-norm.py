# Float arithmetic in nested loops: the spectral norm of an infinite matrix,
# by the power method on its upper left n by n corner.
import math
import sys


def entry(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(n, v, out):
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += entry(i, j) * v[j]
        out[i] = total


def times_transposed(n, v, out):
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += entry(j, i) * v[j]
        out[i] = total


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    u, v, scratch = [1.0] * n, [0.0] * n, [0.0] * n
    for _ in range(10):
        times(n, u, scratch)
        times_transposed(n, scratch, v)
        times(n, v, scratch)
        times_transposed(n, scratch, u)
    uv = vv = 0.0
    for i in range(n):
        uv += u[i] * v[i]
        vv += v[i] * v[i]
    print(f"{math.sqrt(uv / vv):.9f}")


main()
