# Making and dropping small things: full binary trees, many short-lived ones
# beside one that stays.
import sys


def grow(depth):
    return (grow(depth - 1), grow(depth - 1)) if depth > 0 else (None, None)


def count(node):
    left, right = node
    return 1 if left is None else 1 + count(left) + count(right)


def main():
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    least = 4
    print(f"depth {most + 1}: {count(grow(most + 1))} nodes")
    lasting = grow(most)
    for depth in range(least, most + 1, 2):
        trees = 2 ** (most - depth + least)
        nodes = 0
        for _ in range(trees):
            nodes += count(grow(depth))
        print(f"depth {depth}: {nodes} nodes in {trees} trees")
    print(f"depth {most}: {count(lasting)} nodes still there")


main()
