# Calls and small integers: Fibonacci numbers by plain double recursion.
import sys


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


n = int(sys.argv[1]) if len(sys.argv) > 1 else 27
print(f"fib({n}) = {fib(n)}")
