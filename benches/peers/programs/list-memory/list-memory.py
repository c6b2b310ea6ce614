# Memory of a long list of integers: grown one by one, then summed.
import sys


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    items = []
    for i in range(n):
        items.append(i)
    total = 0
    for item in items:
        total += item
    print(f"{len(items)} items, sum {total}")


main()
