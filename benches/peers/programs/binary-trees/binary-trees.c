// Making and dropping small things: full binary trees, many short-lived ones
// beside one that stays.
#include <stdio.h>
#include <stdlib.h>

typedef struct Node {
  struct Node *left, *right;
} Node;

static Node *grow(int depth) {
  Node *node = malloc(sizeof *node);
  node->left = depth > 0 ? grow(depth - 1) : NULL;
  node->right = depth > 0 ? grow(depth - 1) : NULL;
  return node;
}

static long count(const Node *node) {
  return node ? 1 + count(node->left) + count(node->right) : 0;
}

static void fell(Node *node) {
  if (!node) return;
  fell(node->left);
  fell(node->right);
  free(node);
}

int main(int argc, char **argv) {
  int most = argc > 1 ? atoi(argv[1]) : 10;
  int least = 4;
  Node *big = grow(most + 1);
  printf("depth %d: %ld nodes\n", most + 1, count(big));
  fell(big);
  Node *lasting = grow(most);
  for (int depth = least; depth <= most; depth += 2) {
    long trees = 1L << (most - depth + least);
    long nodes = 0;
    for (long i = 0; i < trees; i++) {
      Node *tree = grow(depth);
      nodes += count(tree);
      fell(tree);
    }
    printf("depth %d: %ld nodes in %ld trees\n", depth, nodes, trees);
  }
  printf("depth %d: %ld nodes still there\n", most, count(lasting));
  fell(lasting);
  return 0;
}
