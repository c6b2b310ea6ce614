// Floats in records: the Sun and the four giant planets, n steps of 0.01 days.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT 5
#define PI 3.141592653589793
#define SOLAR_MASS (4.0 * PI * PI)
#define YEAR 365.24

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} Body;

static Body bodies[COUNT] = {
    {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, SOLAR_MASS},
    // Jupiter
    {4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
     0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR,
     0.000954791938424326609 * SOLAR_MASS},
    // Saturn
    {8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
     -0.00276742510726411021 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR,
     0.000285885980666130812 * SOLAR_MASS},
    // Uranus
    {12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
     0.00296460137564761618 * YEAR, 0.00237847173959480950 * YEAR, -0.0000296589568540237556 * YEAR,
     0.0000436624404335156298 * SOLAR_MASS},
    // Neptune
    {15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
     0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR,
     0.0000515138902046611451 * SOLAR_MASS},
};

// Gives the Sun the momentum that makes the whole system rest.
static void settle(void) {
  double px = 0.0, py = 0.0, pz = 0.0;
  for (int i = 0; i < COUNT; i++) {
    px += bodies[i].vx * bodies[i].mass;
    py += bodies[i].vy * bodies[i].mass;
    pz += bodies[i].vz * bodies[i].mass;
  }
  bodies[0].vx = -px / SOLAR_MASS;
  bodies[0].vy = -py / SOLAR_MASS;
  bodies[0].vz = -pz / SOLAR_MASS;
}

static double energy(void) {
  double total = 0.0;
  for (int i = 0; i < COUNT; i++) {
    const Body *a = &bodies[i];
    total += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (int j = i + 1; j < COUNT; j++) {
      const Body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      total -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return total;
}

static void advance(double dt) {
  for (int i = 0; i < COUNT; i++) {
    Body *a = &bodies[i];
    double vx = a->vx, vy = a->vy, vz = a->vz;
    for (int j = i + 1; j < COUNT; j++) {
      Body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double square = dx * dx + dy * dy + dz * dz;
      double pull = dt / (square * sqrt(square));
      double from_b = b->mass * pull, from_a = a->mass * pull;
      vx -= dx * from_b;
      vy -= dy * from_b;
      vz -= dz * from_b;
      b->vx += dx * from_a;
      b->vy += dy * from_a;
      b->vz += dz * from_a;
    }
    a->vx = vx;
    a->vy = vy;
    a->vz = vz;
  }
  for (int i = 0; i < COUNT; i++) {
    bodies[i].x += dt * bodies[i].vx;
    bodies[i].y += dt * bodies[i].vy;
    bodies[i].z += dt * bodies[i].vz;
  }
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 10000;
  settle();
  printf("%.9f\n", energy());
  for (int step = 0; step < n; step++) advance(0.01);
  printf("%.9f\n", energy());
  return 0;
}
